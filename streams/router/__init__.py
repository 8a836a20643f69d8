"""The router: the inboxes' records → the log, each exactly once, without transactions.

What is to be prevented: a record that two routers send, or one router twice; and one that none sends. What is there to
prevent it: the broker takes the records of one producer's partition in order and once each (idempotence), the group
takes a commit of its present members only, and each record on the log names its place in the inbox.

1. The routers are a consumer group over all partitions of all inboxes. A router works in rounds. A round is what it
   read; one is on its way at a time; it is over when the broker has acknowledged all of its records. Then the offsets
   behind it are committed, synchronously, and only then the next round is handed over.
2. With each offset a mark is committed (`marks`): the log's ends as they were at some time before. As nothing at or
   above the offset was sent before the commit, such a record can be on the log only at or behind these ends. That stays
   true of any mark for ever, so an old one costs a longer search and nothing else. (Where a predecessor's records lie
   above the offset, the mark has the ends from which on they were found, until the offset is behind them.)
3. A router that is given a partition searches the log from the mark's ends on for the headers of records that came from
   there, at or above the offset: a predecessor's last round, or a part of it. Those are not sent again; all others are.
   Of each partition of the log a round that failed left a beginning (idempotence), so a person's order is kept.
4. Before the search nothing of a predecessor may be on its way. One that gives a partition back in order says so: its
   last mark is closed. For any other a successor waits, from its assignment on, for the longest that a lease lasts, and
   a margin. A lease begins before a commit is sent that the group then takes; the group took it before it gave the
   partition to the successor, so the predecessor's lease is over by then. At its end the kernel kills a router that has
   records on their way (`Deadline`): also one that was stopped, or not given the processor, between its last look at
   the clock and its sending. Its sockets end with it, and nothing that they still hold is sent (`sockets`).
5. Where a round fails (a report says so, or does not come in time) the router closes its producer and does as a
   successor does: it waits, searches, and goes on. Nothing is sent again on a guess.
6. A mark names the inbox's topic and the log's by their ids: a topic that was made again is another one, whose records
   are all to be routed; another log is refused.

What is assumed: a broker that answers has dealt within the margin (two seconds) with what a dead connection had sent;
and the machine's clock goes on while it is stopped (a virtual machine that is frozen with its clock, and later thawed
in the middle of sending, is beyond this).

What is refused goes to the inbox's dead letters before its offset is committed: at least once, by its place. The inbox
of somebody who has no entry among the publishers is left as it is: nothing of it is lost until the entry comes.
"""
