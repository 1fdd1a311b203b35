/** The tables and views as readable SQL: `db/schema.sql`. */
import type { Pool } from "pg";

interface ColumnRow {
  definition: string;
}

/** Describes the tables and views as the database has them, in readable SQL, partitions left out. */
export async function dumpSchema(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{
    oid: number;
    name: string;
    partition_key: string | null;
    comment: string | null;
  }>(
    `select oid, relname as name, pg_get_partkeydef(oid) as partition_key, obj_description(oid) as comment
     from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
     order by relname`,
  );
  const tables: string[] = [];
  for (const table of rows) {
    const lines = [...(await columnsOf(pool, table.oid)), ...(await constraintsOf(pool, table.oid))];
    const partitions = table.partition_key === null ? "" : ` partition by ${table.partition_key}`;
    tables.push(
      [
        `-- ${table.comment ?? ""}`,
        `create table ${table.name} (\n  ${lines.join(",\n  ")}\n)${partitions};`,
        ...(await indexesOf(pool, table.oid)),
      ].join("\n"),
    );
  }
  return `-- The tables as the migrations make them. Written by \`npm run db -- schema\`; to read, not to run.\n\n${[...tables, ...(await views(pool))].join("\n\n")}\n`;
}

async function views(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string; comment: string | null; definition: string }>(
    `select relname as name, obj_description(oid) as comment, pg_get_viewdef(oid, true) as definition
     from pg_class where relnamespace = 'training'::regnamespace and relkind = 'v' order by relname`,
  );
  return rows.map(
    ({ name, comment, definition }) => `-- ${comment ?? ""}\ncreate view training.${name} as\n${definition}`,
  );
}

async function columnsOf(pool: Pool, table: number): Promise<string[]> {
  const { rows } = await pool.query<ColumnRow>(
    `select concat_ws(' ', attname, format_type(atttypid, atttypmod),
       case when attnotnull then 'not null' end,
       case when attidentity = 'a' then 'generated always as identity' end,
       'default ' || pg_get_expr(adbin, adrelid)) as definition
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = $1 and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows.map((row) => row.definition);
}

async function constraintsOf(pool: Pool, table: number): Promise<string[]> {
  const { rows } = await pool.query<ColumnRow>(
    `select pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = $1 and contype <> 'n' order by contype desc, conname`,
    [table],
  );
  return rows.map((row) => row.definition);
}

async function indexesOf(pool: Pool, table: number): Promise<string[]> {
  const { rows } = await pool.query<ColumnRow>(
    `select pg_get_indexdef(indexrelid) || ';' as definition from pg_index
     where indrelid = $1 and not exists (select from pg_constraint where conindid = indexrelid)
     order by indexrelid::regclass::text`,
    [table],
  );
  return rows.map((row) => row.definition.replace("ON ONLY public.", "on ").replace("ON public.", "on "));
}
