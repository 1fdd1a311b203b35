-- What training reads: friendly names, one line of SQL or pandas. Views, so that nothing is stored twice.
create schema training;
--> statement-breakpoint
create view training.telemetry as
  select
    created_at as time,
    robot_id as robot,
    robot_type,
    data_type as type,
    payload -> 'value' as value,
    case when jsonb_typeof(payload -> 'value') = 'number' then (payload ->> 'value')::float8 end as number,
    id,
    stream_id,
    seq
  from robot_telemetry;
--> statement-breakpoint
comment on view training.telemetry is 'One row a packet; number is the value where it is a single number.';
--> statement-breakpoint
create view training.predictions as
  select
    p.created_at as time,
    p.robot_id as robot,
    p.robot_type,
    p.policy,
    p.model_version,
    p.result_payload ->> 'kind' as kind,
    p.result_payload ->> 'label' as label,
    (p.result_payload ->> 'confidence')::float8 as confidence,
    p.result_payload as result,
    i.created_at as input_time,
    i.data_type as input_type,
    i.payload -> 'value' as input,
    p.infer_ms,
    p.total_ms,
    p.id,
    i.id as input_id
  from ai_predictions p
  left join robot_telemetry i on i.stream_id = p.stream_id and i.seq = p.last_seq;
--> statement-breakpoint
comment on view training.predictions is 'One row a prediction, with the newest packet that it was made from.';
--> statement-breakpoint
create view training.commands as
  select
    c.created_at as time,
    c.robot_id as robot,
    c.robot_type,
    c.command,
    c.params,
    c.sender,
    c.status,
    c.result_payload as result,
    i.created_at as input_time,
    i.data_type as input_type,
    i.payload -> 'value' as input,
    c.id,
    i.id as input_id
  from robot_commands c
  left join robot_telemetry i on i.stream_id = c.stream_id and i.seq = c.seq;
--> statement-breakpoint
comment on view training.commands is 'One row a command, with the packet that made a policy ask for it.';
