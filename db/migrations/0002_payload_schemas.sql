-- What payloads look like, and since when: a model that was trained on one shape may not understand the next.

create table payload_schemas (
  robot_type text not null,
  data_type text not null,
  version integer not null,
  schema jsonb not null,
  changes jsonb not null default '[]',
  sightings jsonb not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (robot_type, data_type, version)
);
--> statement-breakpoint
comment on table payload_schemas is 'One row a version of the shape that payloads of a robot type and data type have; the highest is the present one.';
--> statement-breakpoint
comment on column payload_schemas.schema is '{"value.acc": ["number[3]"]}: each field''s types; "?" after one that comes and goes.';
--> statement-breakpoint
comment on column payload_schemas.changes is 'How it differs from the version before, in sentences.';
--> statement-breakpoint
comment on column payload_schemas.sightings is '{"value.acc: number[3]": epoch ms}: when each field and type was last seen, also what is gone by now.';
--> statement-breakpoint
create index payload_schemas_first_seen on payload_schemas (first_seen);
