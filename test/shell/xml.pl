# Checks the XML of JUnit: well-formed after XML 1.0 without entities of its own, and the shape and
# the sums that build servers read.  Prints what is wrong; exit code 1 when something is.
use strict;
use warnings;

my $wrong = 0;
sub wrong { print "@_\n"; $wrong = 1; }

open(my $in, '<:raw', $ARGV[0]) or die "$ARGV[0]: $!";
my $x = do { local $/; <$in> };
utf8::decode($x) or wrong('not UTF-8');
wrong('a character that XML 1.0 does not have')
	if $x =~ /[^\x09\x0a\x0d\x20-\x{d7ff}\x{e000}-\x{fffd}\x{10000}-\x{10ffff}]/;
$x =~ s/^<\?xml version="1.0" encoding="UTF-8"\?>\n// or wrong('no declaration');

my (@open, @suite, %count, $roots);
my %inside = (testsuites => '', testsuite => 'testsuites', testcase => 'testsuite', failure => 'testcase',
	skipped => 'testcase', 'system-out' => 'testcase testsuite');
sub text {
	my ($s, $where) = @_;
	wrong("$where: a bare & ") if $s =~ /&(?!(?:amp|lt|gt|quot|apos);)/;
	wrong("$where: a bare <") if $s =~ /</;
	wrong("$where: ]]> in text") if $s =~ /\]\]>/;
}
while ($x =~ /\G(?:<(\/?)([a-z-]+)((?:\s+[a-z]+="[^"]*")*)(\/?)>|([^<]+))/gc) {
	my ($end, $name, $attributes, $empty, $words) = ($1, $2, $3, $4, $5);
	if (defined $words) {
		text($words, $open[-1] // 'outside');
		wrong("text in $open[-1]") if $words =~ /\S/ && ($open[-1] // '') !~ /^(failure|system-out)$/;
		next;
	}
	if ($end) {
		wrong("</$name> closes <" . ($open[-1] // '') . '>') unless ($open[-1] // '') eq $name;
		pop @open;
		next;
	}
	wrong("there is no element $name") unless exists $inside{$name};
	my $outer = $open[-1] // '';
	wrong("$name in $outer") unless $outer eq '' ? $inside{$name} eq '' : " $inside{$name} " =~ / \Q$outer\E /;
	$roots++ unless @open;
	my %a;
	while ($attributes =~ /([a-z]+)="([^"]*)"/g) {
		wrong("$name: $1 twice") if exists $a{$1};
		text($2, "$name $1");
		wrong("$name: a line break in $1") if $2 =~ /[\n\r\t]/;
		$a{$1} = $2;
	}
	wrong("testcase without name and classname") if $name eq 'testcase' && !(length $a{name} && length $a{classname});
	wrong("$name without message") if $name =~ /^(failure|skipped)$/ && !length($a{message} // '');
	push @suite, \%a if $name =~ /^testsuite/;
	$count{$name}++;
	push @open, $name unless $empty;
}
wrong('what is this: ' . substr($x, pos($x) // 0, 60)) if (pos($x) // 0) < length $x;
wrong('not closed: ' . join ' ', @open) if @open;
wrong('not one root') unless ($roots // 0) == 1;
for my $s (@suite) {
	wrong("tests=$s->{tests}") unless $s->{tests} == ($count{testcase} // 0);
	wrong("failures=$s->{failures}") unless $s->{failures} == ($count{failure} // 0);
	wrong("skipped=$s->{skipped}") unless $s->{skipped} == ($count{skipped} // 0);
}
exit $wrong;
