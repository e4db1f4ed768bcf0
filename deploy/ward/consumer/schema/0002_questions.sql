-- The four questions, as views and functions.

-- Is it there: the state of the newest session. A Will that belongs to an older one changes nothing.
CREATE VIEW node_state AS
SELECT DISTINCT ON (node) node, session, begun_at, coalesce(ended, 'online') AS state, ended_at
FROM session
ORDER BY node, begun_at DESC, session;

-- The pace of a node's health: the median of its last ten intervals; a minute until there are three.
CREATE VIEW health_pace AS
SELECT n.node, last.seen_at AS last_health_at,
       CASE WHEN last.known >= 3 THEN greatest(last.interval_s, 1) ELSE 60 END AS interval_s
FROM node n
LEFT JOIN LATERAL (
    SELECT max(seen_at) AS seen_at, count(step) AS known,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY step) AS interval_s
    FROM (SELECT seen_at, extract(epoch FROM seen_at - lead(seen_at) OVER (ORDER BY seen_at DESC)) AS step
          FROM health h WHERE h.node = n.node ORDER BY seen_at DESC LIMIT 11) steps
) last ON true;

-- Which nodes are silent: gone offline, stopped, or no health for three intervals.
CREATE VIEW silent AS
SELECT n.node, n.label,
       CASE WHEN s.state IN ('offline', 'stopped') THEN s.state ELSE 'no_health' END AS why,
       greatest(n.last_seen_at, p.last_health_at) AS since,
       s.ended_at, p.last_health_at, round(p.interval_s::numeric, 1)::double precision AS interval_s,
       f.code AS fault, f.text_vi AS fault_vi, f.text_en AS fault_en, f.remedy_vi, f.remedy_en
FROM node n
JOIN health_pace p USING (node)
LEFT JOIN node_state s USING (node)
LEFT JOIN LATERAL (
    SELECT code, text_vi, text_en, remedy_vi, remedy_en FROM fault
    WHERE fault.node = n.node ORDER BY cleared_at IS NULL DESC, since DESC LIMIT 1
) f ON true
WHERE s.state IN ('offline', 'stopped')
   OR coalesce(p.last_health_at, n.last_seen_at) < now() - make_interval(secs => 3 * p.interval_s);

-- What each camera recorded, expected and missed by day of `zone`, from the counters that health carries. They begin anew with
-- the process, so between two processes the newer's whole count is taken; the time between them is `down_s`.
CREATE FUNCTION recorded(since timestamptz, zone text DEFAULT current_setting('TimeZone'))
RETURNS TABLE (node text, cam text, day date, recorded_s double precision, expected_s double precision,
               missing_s double precision, down_s double precision, restarts bigint, causes jsonb)
LANGUAGE sql STABLE AS $$
    WITH within AS (
        SELECT h.* FROM health_cam h WHERE h.seen_at >= since AND h.expected_s IS NOT NULL
    ), known AS (
        SELECT * FROM within
        UNION ALL
        SELECT before.* FROM (SELECT DISTINCT w.node, w.cam FROM within w) one
        CROSS JOIN LATERAL (
            SELECT h.* FROM health_cam h
            WHERE h.node = one.node AND h.cam = one.cam AND h.seen_at < since AND h.expected_s IS NOT NULL
            ORDER BY h.seen_at DESC LIMIT 1
        ) before
    ), pairs AS (
        SELECT k.*, lag(k.seen_at) OVER w AS seen_before, lag(k.recorded_s) OVER w AS recorded_before,
               lag(k.expected_s) OVER w AS expected_before, lag(k.uptime_s) OVER w AS uptime_before
        FROM known k WINDOW w AS (PARTITION BY k.node, k.cam ORDER BY k.seen_at, k.uptime_s)
    ), steps AS (
        SELECT p.*, (p.seen_at AT TIME ZONE zone)::date AS on_day,
               p.seen_before IS NOT NULL AND (p.uptime_s < p.uptime_before OR p.expected_s < p.expected_before) AS anew,
               p.seen_before IS NULL AND p.seen_at - make_interval(secs => p.uptime_s) < since AS begun_earlier
        FROM pairs p WHERE p.seen_at >= since
    ), days AS (
        SELECT s.node, s.cam, s.on_day,
               sum(CASE WHEN s.begun_earlier THEN 0 WHEN s.anew OR s.seen_before IS NULL THEN s.recorded_s
                        ELSE s.recorded_s - s.recorded_before END) AS recorded_s,
               sum(CASE WHEN s.begun_earlier THEN 0 WHEN s.anew OR s.seen_before IS NULL THEN s.expected_s
                        ELSE s.expected_s - s.expected_before END) AS expected_s,
               sum(CASE WHEN s.anew THEN greatest(0, extract(epoch FROM s.seen_at - s.seen_before) - s.uptime_s)
                        ELSE 0 END)::double precision AS down_s,
               count(*) FILTER (WHERE s.anew) AS restarts
        FROM steps s GROUP BY s.node, s.cam, s.on_day
    )
    SELECT d.node, d.cam, d.on_day, d.recorded_s, d.expected_s, greatest(0, d.expected_s - d.recorded_s), d.down_s,
           d.restarts, coalesce(g.causes, '{}'::jsonb)
    FROM days d
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(cause, seconds) AS causes
        FROM (SELECT cause, round(sum(extract(epoch FROM to_at - from_at))::numeric, 1) AS seconds
              FROM recording_gap r
              WHERE r.node = d.node AND r.cam = d.cam AND (r.from_at AT TIME ZONE zone)::date = d.on_day
              GROUP BY cause) by_cause
    ) g ON true
$$;

-- Where an event's clip is. `held_until`: the newest footage report of the node, or a hold, says how long it keeps its own.
CREATE VIEW event_clip AS
SELECT e.node, e.id, e.cam, e.rule, e.started_at, e.ended_at, e.rev, e.clip_state, e.clip_url, e.clip_sha256, e.clip_bytes,
       e.clip_from, e.clip_to, e.clip_reason, e.manifest_url, j.job_id, j.state AS job_state, j.url AS job_url,
       j.manifest_url AS job_manifest_url, f.footage_oldest_at <= e.started_at AS node_holds,
       -- a ring that turns drops this as long after the fact as its oldest footage is old now
       CASE WHEN f.footage_oldest_at <= e.started_at THEN e.started_at + (f.seen_at - f.footage_oldest_at) END
           AS turns_at_earliest,
       h.until_at AS held_until
FROM event e
LEFT JOIN LATERAL (
    SELECT footage_oldest_at, seen_at FROM health_cam c
    WHERE c.node = e.node AND c.cam = e.cam ORDER BY c.seen_at DESC LIMIT 1
) f ON true
LEFT JOIN LATERAL (
    SELECT job.job_id, job.state, file.url, file.manifest_url
    FROM job LEFT JOIN job_file file USING (node, job_id)
    WHERE job.node = e.node AND job.cam = e.cam AND job.kind = 'clip'
      AND job.from_at <= coalesce(e.ended_at, e.started_at) AND job.to_at >= e.started_at
    ORDER BY file.url IS NULL, job.seen_at DESC LIMIT 1
) j ON true
LEFT JOIN LATERAL (
    SELECT max(c.until_at) AS until_at FROM command c
    JOIN response r USING (node, request_id)
    WHERE c.node = e.node AND c.command = 'hold.add' AND c.cam = e.cam AND r.result <> 'rejected'
      AND c.from_at <= e.started_at AND c.to_at >= coalesce(e.ended_at, e.started_at)
      AND NOT EXISTS (SELECT FROM command back JOIN response done USING (node, request_id)
                      WHERE back.node = c.node AND back.command = 'hold.release' AND back.target = c.request_id
                        AND done.result <> 'rejected')
) h ON true;

-- Who asked for what, and what came of it. An answer to a request that nobody heard is here too, without a name.
CREATE VIEW asked AS
SELECT coalesce(c.node, r.node) AS node, coalesce(c.request_id, r.request_id) AS request_id,
       coalesce(c.received_at, r.received_at) AS at, coalesce(c.command, r.command) AS command,
       c.officer, c.case_ref, c.reason, c.cam, c.from_at, c.to_at,
       coalesce(j.state, r.result, 'unanswered') AS result, r.code, coalesce(j.error_vi, r.text_vi) AS text_vi,
       coalesce(j.error_en, r.text_en) AS text_en, coalesce(f.files, ARRAY[]::text[]) AS files
FROM command c
FULL JOIN (
    SELECT DISTINCT ON (node, request_id) * FROM response
    ORDER BY node, request_id, CASE result WHEN 'done' THEN 0 WHEN 'rejected' THEN 2 ELSE 1 END
) r ON r.node = c.node AND r.request_id = c.request_id
LEFT JOIN job j ON j.node = coalesce(c.node, r.node) AND j.request_id = coalesce(c.request_id, r.request_id)
LEFT JOIN LATERAL (
    SELECT array_agg(url ORDER BY name) FILTER (WHERE url IS NOT NULL) AS files FROM job_file
    WHERE job_file.node = j.node AND job_file.job_id = j.job_id
) f ON true;
