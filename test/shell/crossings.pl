# How often flows cross in two pictures: `ward render` of a model, and `dot -Tplain` of the same one.
# Prints "OURS DOT OVERLAPS": crossings in both, and how often two flows of ours run on one line.
use strict;
use warnings;

# Of a path of ours the corners, before they were rounded; level or upright parts only.
sub our_ways {
	my ($file) = @_;
	my @ways;
	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>) {
		while (/class="flow"[^>]* d="([^"]*)"/g) {
			my ($path, @way) = $1;
			while ($path =~ /([MLQ])([-0-9 ]+)/g) {
				my ($act, @at) = ($1, split ' ', $2);
				# What leads to a curve ends in its corner.
				pop @way if $act eq 'Q';
				push @way, [@at[0, 1]];
			}
			push @ways, \@way;
		}
	}
	return @ways;
}

# Of dot's curves points close together.
sub their_ways {
	my ($file) = @_;
	my @ways;
	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>) {
		next unless /^edge \S+ \S+ (\d+) (.*)/;
		my ($n, @at) = ($1, split ' ', $2);
		my @p = map { [@at[2 * $_, 2 * $_ + 1]] } 0 .. $n - 1;
		my @way = ($p[0]);
		for (my $i = 0; $i + 3 < @p; $i += 3) {
			for my $step (1 .. 12) {
				my ($t, $u) = ($step / 12, 1 - $step / 12);
				my @f = ($u**3, 3 * $u * $u * $t, 3 * $u * $t * $t, $t**3);
				push @way, [map {
					my $k = $_;
					my $sum = 0;
					$sum += $f[$_] * $p[$i + $_][$k] for 0 .. 3;
					$sum
				} 0, 1];
			}
		}
		push @ways, \@way;
	}
	return @ways;
}

sub turn {
	my ($p, $q, $r) = @_;
	return ($q->[0] - $p->[0]) * ($r->[1] - $p->[1]) - ($q->[1] - $p->[1]) * ($r->[0] - $p->[0]);
}

sub cross {
	my ($p, $q, $r, $s) = @_;
	return turn($p, $q, $r) * turn($p, $q, $s) < 0 && turn($r, $s, $p) * turn($r, $s, $q) < 0;
}

# Whether two level, or two upright, parts share more than a point.
sub overlap {
	my ($p, $q, $r, $s) = @_;
	for my $k (0, 1) {
		next unless $p->[$k] == $q->[$k] && $q->[$k] == $r->[$k] && $r->[$k] == $s->[$k];
		my @one = sort { $a <=> $b } $p->[1 - $k], $q->[1 - $k];
		my @two = sort { $a <=> $b } $r->[1 - $k], $s->[1 - $k];
		my $begin = $one[0] > $two[0] ? $one[0] : $two[0];
		my $end = $one[1] < $two[1] ? $one[1] : $two[1];
		return 1 if $begin < $end;
	}
	return 0;
}

sub pairs {
	my ($test, @ways) = @_;
	my $n = 0;
	for my $i (0 .. $#ways) {
		for my $k (0 .. $i - 1) {
			for my $x (1 .. $#{$ways[$i]}) {
				for my $y (1 .. $#{$ways[$k]}) {
					$n++ if $test->($ways[$i][$x - 1], $ways[$i][$x],
						$ways[$k][$y - 1], $ways[$k][$y]);
				}
			}
		}
	}
	return $n;
}

my ($svg, $plain) = @ARGV;
my @ours = our_ways($svg);
my @theirs = their_ways($plain);
@ours == @theirs or die "$svg has " . @ours . " flows, $plain " . @theirs . "\n";
print pairs(\&cross, @ours), ' ', pairs(\&cross, @theirs), ' ', pairs(\&overlap, @ours), "\n";
