-- The four tables of the contract. Rows of the two large ones live in one partition a UTC day, which is dropped whole.

create table robot_telemetry (
  id bigint generated always as identity,
  robot_id text not null,
  robot_type text not null,
  data_type text not null,
  payload jsonb not null,
  created_at timestamptz not null,
  received_at timestamptz not null,
  stream_id uuid,
  seq bigint
) partition by range (created_at);
--> statement-breakpoint
comment on table robot_telemetry is 'One row a packet that a relay sent, committed exactly once.';
--> statement-breakpoint
comment on column robot_telemetry.payload is '{"value": the packet''s val}';
--> statement-breakpoint
comment on column robot_telemetry.created_at is 'When the packet was made, by the relay''s clock corrected to the hub''s.';
--> statement-breakpoint
comment on column robot_telemetry.seq is 'The packet''s position in its relay''s stream; null for packets of clients without one.';
--> statement-breakpoint
create index robot_telemetry_robot_type_time on robot_telemetry (robot_id, data_type, created_at desc);
--> statement-breakpoint
create table ai_predictions (
  id bigint generated always as identity,
  robot_id text not null,
  robot_type text not null,
  policy text not null,
  model_version text not null,
  result_payload jsonb not null,
  stream_id uuid,
  first_seq bigint,
  last_seq bigint,
  infer_ms real,
  total_ms real,
  created_at timestamptz not null
) partition by range (created_at);
--> statement-breakpoint
comment on table ai_predictions is 'One row a prediction; stream_id, first_seq and last_seq name the telemetry rows it was made from.';
--> statement-breakpoint
create index ai_predictions_robot_policy_time on ai_predictions (robot_id, policy, created_at desc);
--> statement-breakpoint
create table robot_commands (
  id bigint generated always as identity primary key,
  command_id uuid not null unique,
  robot_id text not null,
  robot_type text,
  command text not null,
  params jsonb not null default '{}',
  sender text not null,
  status text not null check (status in ('sent', 'acknowledged', 'failed', 'expired', 'rejected')),
  result_payload jsonb,
  stream_id uuid,
  seq bigint,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
--> statement-breakpoint
comment on table robot_commands is 'One row a command with its present status; stream_id and seq name the packet that made a policy ask for it.';
--> statement-breakpoint
create index robot_commands_robot_time on robot_commands (robot_id, created_at desc);
--> statement-breakpoint
create table relay_streams (
  stream_id uuid primary key,
  relay_id text not null,
  committed_seq bigint not null default 0,
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
comment on table relay_streams is 'How far each relay''s stream is committed; moved by compare-and-set in the transaction of its rows.';
