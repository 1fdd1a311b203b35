-- Binary out of packets lies in files named by their content. Retention asks here which of them no row names any more.

create table blobs (
  sha256 text primary key,
  newest_day date not null
);
--> statement-breakpoint
comment on table blobs is 'One row a file of the blob folder; moved in the transaction of the telemetry that names it.';
--> statement-breakpoint
comment on column blobs.newest_day is 'The UTC day of the newest telemetry that names it: with that day''s partition it goes.';
--> statement-breakpoint
create index blobs_newest_day on blobs (newest_day);
