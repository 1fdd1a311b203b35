-- The tables as the migrations make them. Written by `npm run db -- schema`; to read, not to run.

-- One row a prediction; stream_id, first_seq and last_seq name the telemetry rows it was made from.
create table ai_predictions (
  id bigint not null generated always as identity,
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
  created_at timestamp with time zone not null
) partition by RANGE (created_at);
CREATE INDEX ai_predictions_robot_policy_time on ai_predictions USING btree (robot_id, policy, created_at DESC);

-- How far each relay's stream is committed; moved by compare-and-set in the transaction of its rows.
create table relay_streams (
  stream_id uuid not null,
  relay_id text not null,
  committed_seq bigint not null default 0,
  updated_at timestamp with time zone not null default now(),
  PRIMARY KEY (stream_id)
);

-- One row a command with its present status; stream_id and seq name the packet that made a policy ask for it.
create table robot_commands (
  id bigint not null generated always as identity,
  command_id uuid not null,
  robot_id text not null,
  robot_type text,
  command text not null,
  params jsonb not null default '{}'::jsonb,
  sender text not null,
  status text not null,
  result_payload jsonb,
  stream_id uuid,
  seq bigint,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  UNIQUE (command_id),
  PRIMARY KEY (id),
  CHECK ((status = ANY (ARRAY['sent'::text, 'acknowledged'::text, 'failed'::text, 'expired'::text, 'rejected'::text])))
);
CREATE INDEX robot_commands_robot_time on robot_commands USING btree (robot_id, created_at DESC);

-- One row a packet that a relay sent, committed exactly once.
create table robot_telemetry (
  id bigint not null generated always as identity,
  robot_id text not null,
  robot_type text not null,
  data_type text not null,
  payload jsonb not null,
  created_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  stream_id uuid,
  seq bigint
) partition by RANGE (created_at);
CREATE INDEX robot_telemetry_robot_type_time on robot_telemetry USING btree (robot_id, data_type, created_at DESC);
