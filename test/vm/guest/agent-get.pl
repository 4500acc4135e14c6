#!/usr/bin/perl
# Prints the answer of the agent's local socket to GET of the path: a tenth of the time that the command takes in an emulated machine.
# Ends with 1 unless it is 200.
use strict;
use warnings;
use IO::Socket::UNIX;
my $socket = IO::Socket::UNIX->new(Peer => '/run/nodelet/nodelet.sock') or die "the agent does not listen: $!\n";
print $socket "GET $ARGV[0] HTTP/1.0\r\nHost: localhost\r\n\r\n";
local $/;
my ($head, $body) = split /\r\n\r\n/, <$socket> // '', 2;
print $body // '';
exit(($head // '') =~ m{^HTTP/1\.\d 200 } ? 0 : 1);
