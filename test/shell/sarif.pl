# Checks a SARIF file: what SARIF 2.1.0 requires of the objects that ward writes (section numbers of
# the standard in brackets), no member that the standard does not have, and what code scanning
# services ask for beyond it.  Prints what is wrong; exit code 1 when something is.
use strict;
use warnings;
use JSON::PP;

my $wrong = 0;
sub wrong { print "@_\n"; $wrong = 1; }

# The members that an object of the standard may have; "!" in front of what it must have.
my %shape = (
	log => '$schema !version !runs inlineExternalProperties properties',
	run => '!tool invocations conversion language versionControlProvenance originalUriBaseIds artifacts
		logicalLocations graphs results automationDetails runAggregates baselineGuid redactionTokens
		defaultEncoding defaultSourceLanguage newlineSequences columnKind externalPropertyFileReferences
		threadFlowLocations taxonomies addresses translations policies webRequests webResponses
		specialLocations properties',
	tool => '!driver extensions properties',
	component => '!name guid organization product productSuite shortDescription fullDescription fullName version
		semanticVersion dottedQuadFileVersion releaseDateUtc downloadUri informationUri globalMessageStrings
		notifications rules taxa locations language contents isComprehensive
		localizedDataSemanticVersion minimumRequiredLocalizedDataSemanticVersion associatedComponent
		translationMetadata supportedTaxonomies properties',
	rule => '!id deprecatedIds guid deprecatedGuids name deprecatedNames shortDescription fullDescription
		messageStrings defaultConfiguration helpUri help relationships properties',
	result => 'ruleId ruleIndex rule kind level !message analysisTarget locations guid correlationGuid
		occurrenceCount partialFingerprints fingerprints stacks codeFlows graphs graphTraversals
		relatedLocations suppressions baselineState rank attachments hostedViewerUri workItemUris provenance
		fixes taxa webRequest webResponse properties',
	location => 'id physicalLocation logicalLocations message annotations relationships properties',
	physical => 'address artifactLocation region contextRegion properties',
	artifact_location => 'uri uriBaseId index description properties',
	region => 'startLine startColumn endLine endColumn charOffset charLength byteOffset byteLength snippet
		message sourceLanguage properties',
	logical => 'name index fullyQualifiedName decoratedName parentIndex kind properties',
	message => 'text markdown id arguments properties',
	invocation => '!executionSuccessful toolExecutionNotifications commandLine arguments properties',
	notification => '!message locations level descriptor associatedRule exception threadId timeUtc properties',
	artifact => 'location parentIndex offset length roles mimeType contents encoding sourceLanguage hashes
		lastModifiedTimeUtc description properties',
	relationship => '!target kinds description properties',
	reference => 'id index guid toolComponent properties',
);

sub object {
	my ($o, $shape, $where) = @_;
	return wrong("$where is no object") && {} unless ref $o eq 'HASH';
	my %may = map { /^(!?)(.*)/ ? ($2 => $1) : () } split ' ', $shape{$shape};
	exists $may{$_} or wrong("$where: $shape has no member $_") for sort keys %$o;
	!$may{$_} || exists $o->{$_} or wrong("$where: $_ is missing") for sort keys %may;
	return $o;
}
sub list { my ($l, $where) = @_; return @$l if ref $l eq 'ARRAY'; wrong("$where is no list"); return (); }
sub text {
	my ($m, $where) = @_;
	my $s = object($m, 'message', $where)->{text};
	return wrong("$where has no text") unless defined $s && !ref $s && length $s;
	wrong("$where has control characters") if $s =~ /[\x00-\x09\x0b-\x1f\x7f-\x9f\x{2028}-\x{202e}\x{2066}-\x{2069}]/;
	wrong("$where is longer than 1,024 characters") if $where =~ /Description/ && length $s > 1024;
}
sub number { my ($v) = @_; return defined $v && !ref $v && $v =~ /^[1-9][0-9]*$/; }

# [3.28] to [3.30]; services take paths relative to the root of the repository only.
sub location {
	my ($l, $where) = @_;
	my $p = object(object($l, 'location', $where)->{physicalLocation}, 'physical', $where);
	my $uri = object($p->{artifactLocation}, 'artifact_location', $where)->{uri};
	wrong("$where: the address is not a relative reference")
		unless defined $uri && $uri =~ m{^(?!/)(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+$};
	if (my $r = $p->{region}) {
		object($r, 'region', $where);
		number($r->{$_}) or wrong("$where: $_ is not a number from 1") for keys %$r;
		wrong("$where: the region is empty") if defined $r->{endColumn} && defined $r->{startColumn} &&
			$r->{endLine} == $r->{startLine} && $r->{endColumn} <= $r->{startColumn};
	}
	for my $g (list($l->{logicalLocations} // [], $where)) {
		object($g, 'logical', $where);
		wrong("$where: a logical location has no name") unless length($g->{name} // '');
	}
	text($l->{message}, $where) if $l->{message};
}

open(my $in, '<:raw', $ARGV[0]) or die "$ARGV[0]: $!";
my $log = object(decode_json(do { local $/; <$in> }), 'log', 'log');
wrong('the version is not 2.1.0') unless $log->{version} eq '2.1.0';
my @runs = list($log->{runs}, 'runs');
wrong('there is not one run') unless @runs == 1;
my $run = object($runs[0], 'run', 'run');
my $driver = object(object($run->{tool}, 'tool', 'tool')->{driver}, 'component', 'driver');
wrong('columnKind') unless $run->{columnKind} =~ /^(utf16CodeUnits|unicodeCodePoints)$/;

my %taxon;
for my $x (list($run->{taxonomies} // [], 'taxonomies')) {
	object($x, 'component', 'taxonomy');
	for my $c (list($x->{taxa}, 'taxa')) {
		wrong("$c->{id} stands twice") if $taxon{object($c, 'rule', 'taxon')->{id}}++;
		wrong("$c->{id} is no CWE") unless $c->{id} =~ /^CWE-[1-9][0-9]*$/;
	}
}
my (@rules, %seen);
for my $r (list($driver->{rules}, 'rules')) {
	object($r, 'rule', 'rule');
	my $id = $r->{id};
	wrong("rule $id stands twice") if $seen{$id}++;
	text($r->{$_}, "$id $_") for qw(shortDescription fullDescription help);
	wrong("$id: level") unless $r->{defaultConfiguration}{level} =~ /^(none|note|warning|error)$/;
	my @tags = list($r->{properties}{tags}, "$id tags");
	wrong("$id: more than 20 tags") if @tags > 20;
	wrong("$id: no category among its tags") unless grep { m{^stride/[a-z-]+$} } @tags;
	wrong("$id: stride") unless length($r->{properties}{stride} // '');
	for my $l (list($r->{relationships} // [], "$id relationships")) {
		my $t = object(object($l, 'relationship', $id)->{target}, 'reference', $id);
		wrong("$id: $t->{id} is not in the taxonomy") unless $taxon{$t->{id}};
		wrong("$id: no tag for $t->{id}") unless grep { $_ eq "external/cwe/\L$t->{id}" } @tags;
	}
	push @rules, $id;
}
for my $i (list($run->{invocations}, 'invocations')) {
	object($i, 'invocation', 'invocation');
	wrong('executionSuccessful') unless JSON::PP::is_bool($i->{executionSuccessful});
	for my $m (list($i->{toolExecutionNotifications} // [], 'notifications')) {
		object($m, 'notification', 'notification');
		text($m->{message}, 'notification');
		location($_, 'notification') for list($m->{locations}, 'notification');
	}
}
object($_, 'artifact', 'artifact') for list($run->{artifacts}, 'artifacts');

my %print;
my @results = list($run->{results}, 'results');
wrong('more than 25,000 results') if @results > 25000;
for my $r (@results) {
	object($r, 'result', 'result');
	my $id = $r->{ruleId} // '?';
	wrong("$id: ruleIndex names another rule") unless ($rules[$r->{ruleIndex}] // '') eq $id;
	wrong("$id: kind") unless $r->{kind} =~ /^(fail|open|pass|notApplicable)$/;
	# [3.27.10]: any kind but fail has the level none.
	wrong("$id: level $r->{level} of kind $r->{kind}")
		unless $r->{kind} eq 'fail' ? $r->{level} =~ /^(note|warning|error)$/ : $r->{level} eq 'none';
	wrong("$id: baselineState") if exists $r->{baselineState} && $r->{baselineState} !~ /^(new|unchanged|updated)$/;
	text($r->{message}, "$id message");
	my @at = list($r->{locations}, "$id locations");
	wrong("$id: a service refuses a result without a location") unless @at;
	location($_, $id) for @at, list($r->{relatedLocations} // [], $id);
	wrong("$id: no element") unless @{$at[0]{logicalLocations} // []};
	my $prints = $r->{partialFingerprints};
	wrong("$id: primaryLocationLineHash") unless ($prints->{primaryLocationLineHash} // '') =~ /^[0-9a-f]+:[0-9]+$/;
	wrong("$id: the same fingerprint twice") if $print{$prints->{primaryLocationLineHash}}++;
	ref $_ and wrong("$id: a fingerprint is no text") for values %$prints;
}
exit $wrong;
