/** What the tables below are called by: another number, and they are made anew. */
export const version = 4

/** Where the register keeps what the entries say, so that a page is found without a look at all. */
export const tables = `
create table about (hour integer not null default 0, zero integer not null default 0) strict;

create table chains (
  number integer primary key, id text not null unique, size integer not null, head text not null
) strict;

create table jobs (
  number integer primary key, chain integer not null, id text not null,
  seq integer not null, time integer not null,
  publisher text not null, name text not null, project text, units integer not null,
  accepted integer not null default 0, dead integer not null default 0,
  micro integer not null default 0, state text not null default 'open', ended integer,
  unique (id, chain)
) strict;
create index jobs_by_state on jobs (state, number);
create index jobs_by_publisher on jobs (publisher, number);
create index jobs_by_publisher_and_state on jobs (publisher, state, number);
create index jobs_by_project on jobs (project, number);
create index jobs_by_project_and_state on jobs (project, state, number);

create table units (
  job integer not null, unit integer not null, decided text not null, seq integer not null,
  primary key (job, unit)
) strict, without rowid;
create index units_accepted on units (job, unit) where decided = 'accepted';

create table data (
  cid text not null, job integer not null, primary key (cid, job)
) strict, without rowid;
create index data_by_job on data (job);

create table owners (
  id text primary key, since integer not null, micro integer not null default 0,
  pending integer not null default 0, bonded integer not null default 0,
  recent real not null default 0
) strict, without rowid;
create index owners_by_tail on owners (substr(id, -8));

create table delegations (
  node text not null, chain integer not null, owner text not null, issued integer not null,
  expires integer not null, primary key (node, chain)
) strict, without rowid;
create index delegations_by_owner on delegations (owner, node);

create table holds (
  job integer not null, unit integer not null, slot integer not null,
  owner text, node text, micro integer not null default 0, primary key (job, unit, slot)
) strict, without rowid;

create table bonds (
  id text not null, chain integer not null, owner text not null, primary key (id, chain)
) strict, without rowid;

create table hours (
  hour integer not null, owner text not null, micro integer not null, primary key (hour, owner)
) strict, without rowid;

create table ranges (
  range text not null, owner text not null, micro integer not null, primary key (range, owner)
) strict, without rowid;

create table days (
  owner text not null, day integer not null, micro integer not null, primary key (owner, day)
) strict, without rowid;

create table helped (
  owner text not null, job integer not null, micro integer not null, primary key (owner, job)
) strict, without rowid;

create table nodes (
  node text primary key, agreed integer not null default 0, wrong integer not null default 0,
  micro integer not null default 0
) strict, without rowid;

create table node_hours (
  node text not null, hour integer not null, agreed integer not null default 0,
  wrong integer not null default 0, micro integer not null default 0, primary key (node, hour)
) strict, without rowid;
create index node_hours_by_hour on node_hours (hour);

create table projects (
  name text primary key, jobs integer not null default 0, open integer not null default 0,
  units integer not null default 0, accepted integer not null default 0,
  micro integer not null default 0, since integer not null
) strict, without rowid;

create table accounts (number integer primary key, name text not null unique) strict;

create table balances (
  account text not null, chain integer not null, micro integer not null default 0,
  primary key (account, chain)
) strict, without rowid;

create table moves (
  number integer primary key, account integer not null, chain integer not null,
  seq integer not null, time integer not null, micro integer not null, other text not null,
  purpose text not null
) strict;
create index moves_by_account on moves (account, time, number);
`

/** All of them: what is thrown away to make them anew. */
export const tableNames = [...tables.matchAll(/create table (\w+)/g)].map(([, name]) => name ?? '')
