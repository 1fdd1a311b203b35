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

-- One row a file of the blob folder; moved in the transaction of the telemetry that names it.
create table blobs (
  sha256 text not null,
  newest_day date not null,
  PRIMARY KEY (sha256)
);
CREATE INDEX blobs_newest_day on blobs USING btree (newest_day);

-- One row a version of the shape that payloads of a robot type and data type have; the highest is the present one.
create table payload_schemas (
  robot_type text not null,
  data_type text not null,
  version integer not null,
  schema jsonb not null,
  changes jsonb not null default '[]'::jsonb,
  sightings jsonb not null,
  first_seen timestamp with time zone not null,
  last_seen timestamp with time zone not null,
  PRIMARY KEY (robot_type, data_type, version)
);
CREATE INDEX payload_schemas_first_seen on payload_schemas USING btree (first_seen);

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

-- One row a command, with the packet that made a policy ask for it.
create view training.commands as
 SELECT c.created_at AS "time",
    c.robot_id AS robot,
    c.robot_type,
    c.command,
    c.params,
    c.sender,
    c.status,
    c.result_payload AS result,
    i.created_at AS input_time,
    i.data_type AS input_type,
    i.payload -> 'value'::text AS input,
    c.id,
    i.id AS input_id
   FROM robot_commands c
     LEFT JOIN robot_telemetry i ON i.stream_id = c.stream_id AND i.seq = c.seq;

-- One row a prediction, with the newest packet that it was made from.
create view training.predictions as
 SELECT p.created_at AS "time",
    p.robot_id AS robot,
    p.robot_type,
    p.policy,
    p.model_version,
    p.result_payload ->> 'kind'::text AS kind,
    p.result_payload ->> 'label'::text AS label,
    (p.result_payload ->> 'confidence'::text)::double precision AS confidence,
    p.result_payload AS result,
    i.created_at AS input_time,
    i.data_type AS input_type,
    i.payload -> 'value'::text AS input,
    p.infer_ms,
    p.total_ms,
    p.id,
    i.id AS input_id
   FROM ai_predictions p
     LEFT JOIN robot_telemetry i ON i.stream_id = p.stream_id AND i.seq = p.last_seq;

-- One row a packet; number is the value where it is a single number.
create view training.telemetry as
 SELECT created_at AS "time",
    robot_id AS robot,
    robot_type,
    data_type AS type,
    payload -> 'value'::text AS value,
        CASE
            WHEN jsonb_typeof(payload -> 'value'::text) = 'number'::text THEN (payload ->> 'value'::text)::double precision
            ELSE NULL::double precision
        END AS number,
    id,
    stream_id,
    seq
   FROM robot_telemetry;
