-- What the nodes of one ward say. Every write is idempotent and commutes with the others, so messages may come twice, in any
-- order, and through any number of consumers.
--
-- made_at  the time inside an event's ULID: a function of the id, so that (node, id, made_at) is as unique as (node, id) and a
--          table can be cut into chunks of time. 1970 for an id that is no ULID.
-- seen_at  when the node was alive: its own sent_utc when its clock was trusted, else when the message came.

CREATE TABLE node (
    node text PRIMARY KEY,
    ward text NOT NULL,
    last_seen_at timestamptz,
    birth_at timestamptz,          -- seen_at of the newest birth; all below is of that birth
    session text,
    label text,
    agent_version text,
    config_hash text,
    insecure boolean,
    timezone text,
    latitude double precision,
    longitude double precision,
    cameras jsonb,
    capabilities text[]
);

-- The keys with which nodes sign. A second row of one node is worth a question.
CREATE TABLE node_key (
    node text NOT NULL,
    fingerprint text NOT NULL,
    public_key text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (node, fingerprint)
);

-- One connection of a node. It begins once and ends once, so a Will that comes late ends its own session only.
CREATE TABLE session (
    node text NOT NULL,
    session text NOT NULL,
    begun_at timestamptz NOT NULL,
    ended text CHECK (ended IN ('stopped', 'offline')),
    ended_at timestamptz,
    PRIMARY KEY (node, session)
);
CREATE INDEX session_newest ON session (node, begun_at DESC);

CREATE TABLE event (
    node text NOT NULL,
    id text NOT NULL,
    made_at timestamptz NOT NULL,
    rev integer NOT NULL,          -- the highest that came; all below is of that revision
    phase text NOT NULL,
    rule text NOT NULL,
    rule_id text NOT NULL,
    severity text NOT NULL,
    cam text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    clock_trusted boolean NOT NULL,
    count integer NOT NULL,
    zone text,
    direction text,
    clip_state text NOT NULL,
    clip_url text,
    clip_sha256 text,
    clip_bytes bigint,
    clip_from timestamptz,
    clip_to timestamptz,
    clip_reason text,
    manifest_url text,
    manifest_sha256 text,
    PRIMARY KEY (node, id, made_at)
);
CREATE INDEX event_started ON event (started_at DESC, node);
CREATE INDEX event_id ON event (id);

-- Every revision that came, whole, with the fields that this consumer does not know.
CREATE TABLE event_rev (
    node text NOT NULL,
    id text NOT NULL,
    rev integer NOT NULL,
    made_at timestamptz NOT NULL,
    seq bigint,
    sent_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (node, id, rev, made_at)
);

-- The participants of every revision; of the newest: JOIN event USING (node, id, made_at, rev).
CREATE TABLE event_object (
    node text NOT NULL,
    id text NOT NULL,
    rev integer NOT NULL,
    ordinal integer NOT NULL,
    made_at timestamptz NOT NULL,
    track bigint NOT NULL,
    class text NOT NULL,
    score double precision NOT NULL,
    box double precision[] NOT NULL, -- left, top, right, bottom; 0..1
    dwell_s double precision NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (node, id, rev, ordinal, made_at)
);

CREATE TABLE thumb (
    node text NOT NULL,
    event_id text NOT NULL,
    made_at timestamptz NOT NULL,
    cam text NOT NULL,
    received_at timestamptz NOT NULL,
    jpeg bytea NOT NULL CHECK (octet_length(jpeg) <= 40000),
    PRIMARY KEY (node, event_id, made_at)
);

CREATE TABLE health (
    node text NOT NULL,
    at timestamptz NOT NULL,
    boot_id text NOT NULL,
    seen_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    uptime_s double precision NOT NULL,
    rss_mb double precision NOT NULL,
    cpu_pct double precision NOT NULL,
    temp_c double precision,
    disk_free_mb double precision,
    rtt_ms double precision,
    reconnects bigint,
    spool_messages bigint NOT NULL,
    spool_oldest_s double precision NOT NULL,
    spool_clips bigint NOT NULL,
    dropped_total bigint NOT NULL,
    faults text[] NOT NULL,
    PRIMARY KEY (node, at, boot_id)
);
CREATE INDEX health_seen ON health (node, seen_at DESC);

CREATE TABLE health_cam (
    node text NOT NULL,
    cam text NOT NULL,
    at timestamptz NOT NULL,
    boot_id text NOT NULL,
    seen_at timestamptz NOT NULL,
    uptime_s double precision NOT NULL, -- of the process: what counts from its start begins anew when this falls
    state text NOT NULL,
    cause text,
    view text,
    fps double precision NOT NULL,
    recorded_s double precision,
    expected_s double precision,
    gap_s double precision,
    footage_oldest_at timestamptz,
    footage_bytes bigint,
    chain_link text,
    PRIMARY KEY (node, cam, at, boot_id)
);
CREATE INDEX health_cam_seen ON health_cam (node, cam, seen_at DESC);

CREATE TABLE recording_gap (
    node text NOT NULL,
    cam text NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,    -- grows while the gap goes on
    cause text NOT NULL,
    PRIMARY KEY (node, cam, from_at, cause)
);

CREATE TABLE fault (
    node text NOT NULL,
    code text NOT NULL,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    severity text NOT NULL,
    sources text[] NOT NULL,
    text_vi text NOT NULL,
    text_en text NOT NULL,
    remedy_vi text NOT NULL,
    remedy_en text NOT NULL,
    cleared_at timestamptz,
    PRIMARY KEY (node, code, since)
);

CREATE TABLE job (
    node text NOT NULL,
    job_id text NOT NULL,
    request_id text NOT NULL,
    seq bigint NOT NULL,           -- of the newest message that came
    seen_at timestamptz NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    cam text,
    from_at timestamptz,
    to_at timestamptz,
    coverage_s double precision,
    bytes_total bigint,
    bytes_sent bigint,
    error_vi text,
    error_en text,
    reason_vi text,
    reason_en text,
    until_at timestamptz,
    PRIMARY KEY (node, job_id)
);
CREATE INDEX job_request ON job (node, request_id);

CREATE TABLE job_file (
    node text NOT NULL,
    job_id text NOT NULL,
    name text NOT NULL,
    url text,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    manifest_url text,
    manifest_sha256 text,
    PRIMARY KEY (node, job_id, name)
);

-- What was asked, by whom. Only these fields: a configuration or a signature is not copied here.
CREATE TABLE command (
    node text NOT NULL,
    request_id text NOT NULL,
    command text NOT NULL,
    issued_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    officer text,
    case_ref text,
    reason text,
    cam text,
    from_at timestamptz,
    to_at timestamptz,
    until_at timestamptz,
    target text,                   -- the job or hold that it is about
    PRIMARY KEY (node, request_id)
);
CREATE INDEX command_received ON command (received_at DESC);

CREATE TABLE response (
    node text NOT NULL,
    request_id text NOT NULL,
    result text NOT NULL,
    command text NOT NULL,
    sent_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    code text,
    text_vi text,
    text_en text,
    job_id text,
    answer jsonb,
    PRIMARY KEY (node, request_id, result)
);

-- Messages that could not be taken, the newest 10,000.
CREATE TABLE refused (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL,
    topic text NOT NULL,
    why text NOT NULL,
    text_vi text NOT NULL,
    text_en text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    excerpt text NOT NULL,         -- empty for commands
    times integer NOT NULL DEFAULT 1,
    UNIQUE (topic, sha256)
);

CREATE TABLE consumer (
    id text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    messages bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0
);
