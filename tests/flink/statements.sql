-- One feed, read once by each statement. What stands in WITH is all that changes between the
-- simulator, a Flink on this machine and Managed Service for Apache Flink.
CREATE TABLE feed (
  id BIGINT,
  kind STRING,
  dock STRING,
  bike INT,
  minutes DOUBLE,
  `at` TIMESTAMP(3),
  WATERMARK FOR `at` AS `at` - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kinesis',
  'stream' = 'feed',
  'aws.region' = 'us-east-1',
  'scan.stream.initpos' = 'TRIM_HORIZON',
  'format' = 'json'
);

-- The same rows by the minute, so that many are of one time.
CREATE TABLE by_minute (
  id BIGINT,
  dock STRING,
  minutes DOUBLE,
  `at` TIMESTAMP(3),
  tick AS CAST(FLOOR(`at` TO MINUTE) AS TIMESTAMP(3)),
  WATERMARK FOR tick AS tick - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kinesis',
  'stream' = 'feed',
  'aws.region' = 'us-east-1',
  'scan.stream.initpos' = 'TRIM_HORIZON',
  'format' = 'json'
);

CREATE VIEW rides AS SELECT * FROM feed WHERE kind = 'ride';
CREATE VIEW repairs AS SELECT * FROM feed WHERE kind = 'repair';
CREATE VIEW early AS SELECT * FROM feed WHERE id < 150;
-- The last repair of each dock, which is a table of versions.
CREATE VIEW latest AS SELECT dock, minutes, `at` FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY dock ORDER BY `at` DESC) AS place FROM repairs
) WHERE place = 1;
CREATE VIEW per15 AS SELECT window_time AS t, dock, COUNT(*) AS n
FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '15' SECOND))
GROUP BY window_start, window_end, window_time, dock;

-- filter
SELECT id, UPPER(dock) AS dock, minutes * 60 AS seconds,
  CASE WHEN minutes IS NULL THEN 'unknown' WHEN minutes > 20 THEN 'long' ELSE 'short' END AS length
FROM feed WHERE kind = 'ride' AND (bike > 10 OR minutes < 3);

-- tumble
SELECT window_start, window_end, dock, COUNT(*) AS n, COUNT(minutes) AS known, SUM(minutes) AS total,
  MIN(minutes) AS least, MAX(minutes) AS most
FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
GROUP BY window_start, window_end, dock;

-- hop
SELECT window_start, window_end, COUNT(*) AS n, AVG(minutes) AS mean
FROM TABLE(HOP(TABLE feed, DESCRIPTOR(`at`), INTERVAL '10' SECOND, INTERVAL '40' SECOND))
GROUP BY window_start, window_end;

-- cumulate
SELECT window_start, window_end, kind, COUNT(*) AS n
FROM TABLE(CUMULATE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '15' SECOND, INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, kind;

-- session
SELECT window_start, window_end, dock, COUNT(*) AS n
FROM TABLE(SESSION(TABLE feed PARTITION BY dock, DESCRIPTOR(`at`), INTERVAL '4' SECOND))
GROUP BY window_start, window_end, dock;

-- distinct_in_window
SELECT window_end, COUNT(DISTINCT dock) AS docks, COUNT(DISTINCT bike) AS bikes,
  COUNT(*) FILTER (WHERE minutes > 10) AS long_rides
FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end;

-- over_range
SELECT id, dock, `at`, COUNT(*) OVER w AS n, SUM(minutes) OVER w AS total
FROM feed
WINDOW w AS (PARTITION BY dock ORDER BY `at` RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW);

-- over_rows
SELECT id, dock, MAX(minutes) OVER (
    PARTITION BY dock ORDER BY `at` ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS most
FROM feed;

-- over_unbounded
SELECT id, kind, COUNT(*) OVER (PARTITION BY kind ORDER BY `at`
    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far
FROM feed;

-- interval_join
SELECT r.id AS ride, p.id AS repair, r.dock
FROM rides AS r JOIN repairs AS p
  ON r.dock = p.dock AND r.bike = p.bike
  AND p.`at` BETWEEN r.`at` AND r.`at` + INTERVAL '60' SECOND;

-- window_join
SELECT l.window_start, l.window_end, l.dock, l.rides, r.repairs
FROM (
  SELECT window_start, window_end, dock, COUNT(*) AS rides
  FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
  GROUP BY window_start, window_end, dock
) AS l
JOIN (
  SELECT window_start, window_end, dock, COUNT(*) AS repairs
  FROM TABLE(TUMBLE(TABLE repairs, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
  GROUP BY window_start, window_end, dock
) AS r
ON l.window_start = r.window_start AND l.window_end = r.window_end AND l.dock = r.dock;

-- window_top
SELECT window_end, dock, n, place FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY n DESC, dock) AS place
  FROM (
    SELECT window_start, window_end, dock, COUNT(*) AS n
    FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '1' MINUTE))
    GROUP BY window_start, window_end, dock)
) WHERE place <= 2;

-- top
SELECT dock, id, minutes, place FROM (
  SELECT dock, id, minutes,
    ROW_NUMBER() OVER (PARTITION BY dock ORDER BY minutes DESC, id) AS place
  FROM feed WHERE minutes IS NOT NULL
) WHERE place <= 2;

-- first_of_each
SELECT bike, id, `at` FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY bike ORDER BY `at`) AS place FROM feed
) WHERE place = 1;

-- group
SELECT dock, COUNT(*) AS n, MAX(minutes) AS most FROM feed GROUP BY dock;

-- having
SELECT dock, COUNT(*) AS repairs FROM repairs GROUP BY dock HAVING COUNT(*) > 12;

-- distinct
SELECT DISTINCT dock, kind FROM feed;

-- regular_join
SELECT r.id AS ride, p.id AS repair FROM rides AS r LEFT JOIN repairs AS p
  ON r.bike = p.bike AND r.dock = p.dock AND p.id < r.id;

-- semi_join
SELECT id, bike FROM rides WHERE bike IN (SELECT bike FROM repairs WHERE minutes > 25);

-- not_in
SELECT id FROM rides
WHERE bike NOT IN (SELECT bike FROM repairs WHERE minutes > 25 AND bike IS NOT NULL);

-- exists
SELECT id FROM rides WHERE EXISTS (
  SELECT 1 FROM repairs WHERE repairs.bike = rides.bike AND repairs.minutes > rides.minutes);

-- not_exists
SELECT id FROM rides WHERE NOT EXISTS (
  SELECT 1 FROM repairs WHERE repairs.bike = rides.bike AND repairs.id > rides.id);

-- value_in_where
SELECT id FROM rides
WHERE minutes > (SELECT MAX(minutes) FROM repairs WHERE repairs.dock = rides.dock);

-- value_in_list
SELECT id, (SELECT MAX(minutes) FROM repairs) AS most FROM rides WHERE id < 20;

-- semi_in_window
SELECT l.id, l.window_end
FROM (SELECT * FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(`at`), INTERVAL '30' SECOND))) AS l
WHERE l.dock IN (
  SELECT dock
  FROM (SELECT * FROM TABLE(TUMBLE(TABLE repairs, DESCRIPTOR(`at`), INTERVAL '30' SECOND))) AS r
  WHERE l.window_start = r.window_start AND l.window_end = r.window_end);

-- anti_in_window
SELECT l.id, l.window_end
FROM (SELECT * FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(`at`), INTERVAL '30' SECOND))) AS l
WHERE NOT EXISTS (
  SELECT *
  FROM (SELECT * FROM TABLE(TUMBLE(TABLE repairs, DESCRIPTOR(`at`), INTERVAL '30' SECOND))) AS r
  WHERE l.dock = r.dock AND l.window_start = r.window_start AND l.window_end = r.window_end);

-- or_in
SELECT id FROM rides
WHERE id < 30 AND (minutes > 30 OR bike IN (SELECT bike FROM repairs WHERE minutes > 25));

-- or_not_in
SELECT id FROM rides WHERE id < 30 AND (
  minutes > 30 OR bike NOT IN (SELECT bike FROM repairs WHERE minutes > 25 AND bike IS NOT NULL));

-- or_exists
SELECT id FROM rides WHERE minutes > 30 OR EXISTS (
  SELECT 1 FROM repairs WHERE repairs.bike = rides.bike AND repairs.id > rides.id);

-- case_in
SELECT id, CASE WHEN bike IN (SELECT bike FROM repairs WHERE minutes > 25) THEN 'a' ELSE 'b' END
  AS part
FROM rides WHERE id < 30;

-- list_in
SELECT id, bike IN (SELECT bike FROM repairs WHERE minutes > 25) AS broken FROM rides WHERE id < 30;

-- list_exists
SELECT id, EXISTS (SELECT 1 FROM repairs WHERE repairs.bike = rides.bike) AS broken
FROM rides WHERE id < 60;

-- in_of_having
SELECT dock, COUNT(*) AS n FROM rides GROUP BY dock
HAVING COUNT(*) IN (SELECT n FROM (VALUES (70), (75), (80)) AS t (n));

-- value_of_one_row
SELECT id, (SELECT minutes FROM repairs WHERE repairs.id = rides.id + 1) AS after FROM rides;

-- value_of_distinct
SELECT id, (SELECT DISTINCT kind FROM repairs) AS kind FROM rides WHERE id < 30;

-- value_by_order
SELECT id FROM rides
WHERE minutes > (SELECT MAX(minutes) FROM repairs WHERE repairs.id < rides.id) AND id < 60;

-- count_of_none
SELECT id, (SELECT COUNT(*) + 1 FROM repairs WHERE repairs.bike = rides.bike) AS n
FROM rides WHERE id < 60;

-- aggregate_exists
SELECT id FROM rides
WHERE EXISTS (SELECT COUNT(*) FROM repairs WHERE repairs.bike = rides.bike) AND id < 30;

-- told_rows
VALUES (1, 'one'), (2, 'two'), (3, CAST(NULL AS STRING)), (4, 'four'), (5, 'five'), (6, 'six');

-- told_join
SELECT r.id, t.side FROM rides AS r
JOIN (VALUES ('Lapa', 'west'), ('Porto', 'north')) AS t (dock, side) ON r.dock = t.dock;

-- told_in
SELECT id FROM rides WHERE dock IN (VALUES ('Lapa'), ('Porto')) AND id < 60;

-- told_value
SELECT id FROM rides WHERE minutes > (SELECT n FROM (VALUES (20)) AS t (n));

-- told_union
SELECT id, 'fed' AS part FROM rides WHERE id < 10 UNION ALL VALUES (1000, 'told');

-- cube_of_slices
SELECT window_start, window_end, dock, kind, COUNT(*) AS n
FROM TABLE(CUMULATE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '15' SECOND, INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, CUBE (dock, kind);

-- intersect
SELECT dock, bike FROM rides INTERSECT SELECT dock, bike FROM repairs;

-- intersect_all
SELECT bike FROM rides INTERSECT ALL SELECT bike FROM repairs;

-- except
SELECT dock, bike FROM rides EXCEPT SELECT dock, bike FROM repairs;

-- except_all
SELECT bike FROM rides EXCEPT ALL SELECT bike FROM repairs;

-- rollup
SELECT dock, kind, GROUPING_ID(dock, kind) AS sets, COUNT(*) AS n
FROM feed WHERE id < 60 GROUP BY ROLLUP (dock, kind);

-- sets_in_windows
SELECT window_end, dock, kind, GROUPING(kind) AS all_kinds, COUNT(*) AS n
FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
GROUP BY window_start, window_end, GROUPING SETS ((dock, kind), (dock), ());

-- ranks
SELECT id, RANK() OVER w AS place, DENSE_RANK() OVER w AS times, COUNT(*) OVER w AS n
FROM feed WINDOW w AS (PARTITION BY kind ORDER BY `at`);

-- row_number
SELECT id, ROW_NUMBER() OVER (PARTITION BY dock ORDER BY `at`) AS place FROM feed;

-- row_before
SELECT id, LAG(minutes, 2, CAST(-1 AS DOUBLE)) OVER (PARTITION BY dock ORDER BY `at`) AS earlier
FROM feed;

-- ranks_of_peers
SELECT id, RANK() OVER w AS place, DENSE_RANK() OVER w AS times, LAG(id) OVER w AS earlier
FROM by_minute WINDOW w AS (PARTITION BY dock ORDER BY tick);

-- row_number_of_peers
SELECT id, ROW_NUMBER() OVER (PARTITION BY dock ORDER BY tick) AS place FROM by_minute;

-- union_all
SELECT id, 'A' AS part FROM feed WHERE minutes > 40
UNION ALL
SELECT id, 'B' AS part FROM feed WHERE minutes > 50;

-- order_by_time
SELECT id, `at` FROM feed WHERE kind = 'repair' ORDER BY `at`;

-- match_recognize
SELECT * FROM feed MATCH_RECOGNIZE (
  PARTITION BY dock
  ORDER BY `at`
  MEASURES A.id AS first_id, LAST(B.id) AS last_id, COUNT(B.id) AS downs, C.minutes AS up_to
  ONE ROW PER MATCH
  AFTER MATCH SKIP PAST LAST ROW
  PATTERN (A B{2,} C)
  DEFINE
    B AS B.minutes < LAST(B.minutes, 1) OR (LAST(B.minutes, 1) IS NULL AND B.minutes < A.minutes),
    C AS C.minutes > LAST(B.minutes)
);

-- values
SELECT id, TRY_CAST('x' AS INT) AS nothing, CAST(minutes AS INT) AS whole, COALESCE(bike, -1) AS bike,
  NULLIF(dock, 'Lapa') AS dock, CHAR_LENGTH(dock) AS letters, SUBSTRING(dock FROM 2 FOR 3) AS middle,
  DATE_FORMAT(`at`, 'HH:mm') AS clock, EXTRACT(SECOND FROM `at`) AS second_of, MOD(id, 7) AS rest,
  kind LIKE 're%' AND bike NOT IN (1, 2, 3) AS odd
FROM feed WHERE id < 60;

-- cross_join
SELECT r.id AS ride, p.id AS repair FROM rides AS r CROSS JOIN repairs AS p
  WHERE r.id < 20 AND p.id < 60;

-- comma_join
SELECT r.id AS ride, p.id AS repair FROM rides AS r, repairs AS p
  WHERE r.id < 20 AND p.id < 60;

-- cross_values
SELECT r.id, t.side FROM rides AS r CROSS JOIN (VALUES ('a'), ('b')) AS t (side)
  WHERE r.id < 30;

-- left_on_true
SELECT r.id, p.id AS pid FROM rides AS r LEFT JOIN (SELECT id FROM repairs WHERE id < 30) AS p ON
  TRUE WHERE r.id < 20;

-- left_on_less
SELECT r.id, p.id AS pid FROM (SELECT * FROM rides WHERE id < 30) AS r LEFT JOIN (SELECT * FROM
  repairs WHERE id < 60) AS p ON r.minutes < p.minutes;

-- full_on_less
SELECT r.id, p.id AS pid FROM (SELECT * FROM rides WHERE id < 30) AS r FULL JOIN (SELECT * FROM
  repairs WHERE id < 60) AS p ON r.minutes < p.minutes;

-- using
SELECT * FROM (SELECT id, bike, dock FROM rides WHERE id < 300) AS r JOIN (SELECT bike, dock,
  minutes FROM repairs WHERE id < 300) AS p USING (bike, dock);

-- using_left
SELECT * FROM (SELECT id, bike, dock FROM rides WHERE id < 100) AS r LEFT JOIN (SELECT bike, dock,
  minutes FROM repairs WHERE id < 100) AS p USING (bike, dock);

-- using_right
SELECT * FROM (SELECT id, bike, dock FROM rides WHERE id < 100) AS r RIGHT JOIN (SELECT bike,
  dock, minutes FROM repairs WHERE id < 100) AS p USING (bike, dock);

-- using_full
SELECT * FROM (SELECT id, bike, dock FROM rides WHERE id < 100) AS r FULL JOIN (SELECT bike, dock,
  minutes FROM repairs WHERE id < 100) AS p USING (bike, dock);

-- natural
SELECT * FROM (SELECT id, bike, dock FROM rides WHERE id < 300) AS r NATURAL JOIN (SELECT bike,
  dock, minutes FROM repairs WHERE id < 300) AS p;

-- natural_left
SELECT * FROM (SELECT id, bike, dock FROM rides WHERE id < 100) AS r NATURAL LEFT JOIN (SELECT
  bike, dock, minutes FROM repairs WHERE id < 100) AS p;

-- natural_none
SELECT * FROM (SELECT id AS a FROM rides WHERE id < 10) AS r NATURAL JOIN (SELECT id AS b FROM
  repairs WHERE id < 20) AS p;

-- using_select
SELECT dock, r.id, p.minutes FROM (SELECT id, bike, dock FROM rides) AS r JOIN (SELECT bike, dock,
  minutes FROM repairs) AS p USING (bike, dock);

-- using_expr
SELECT UPPER(dock) AS d, COUNT(*) AS n FROM (SELECT id, dock FROM rides WHERE id < 30) AS r JOIN
  (SELECT dock, minutes FROM repairs WHERE id < 60) AS p USING (dock)
  GROUP BY dock;

-- using_where_qualified
SELECT dock, r.dock AS d, p.dock AS e FROM (SELECT id, dock FROM rides WHERE id < 100) AS r FULL
  JOIN (SELECT dock, minutes FROM repairs WHERE id < 60) AS p USING (dock)
  WHERE r.dock = 'Lapa' OR p.dock = 'Lapa';

-- using_star_of
SELECT r.*, p.minutes FROM (SELECT id, dock FROM rides WHERE id < 30) AS r JOIN (SELECT dock,
  minutes FROM repairs WHERE id < 60) AS p USING (dock);

-- using_order
SELECT dock, r.id FROM (SELECT id, dock FROM rides WHERE id < 30) AS r JOIN (SELECT dock, minutes
  FROM repairs WHERE id < 60) AS p USING (dock) ORDER BY dock, id, p.minutes LIMIT 5;

-- join_right
SELECT r.id AS ride, p.id AS repair FROM (SELECT * FROM rides WHERE id < 100) AS r RIGHT JOIN
  repairs AS p ON r.bike = p.bike AND r.dock = p.dock;

-- join_full
SELECT r.id AS ride, p.id AS repair FROM (SELECT * FROM rides WHERE id < 100) AS r FULL JOIN
  repairs AS p ON r.bike = p.bike AND r.dock = p.dock;

-- join_groups
SELECT r.dock, r.n, p.m FROM (SELECT dock, COUNT(*) AS n FROM rides WHERE id < 100 GROUP BY dock) AS r JOIN
  (SELECT dock, COUNT(*) AS m FROM repairs WHERE id < 200 GROUP BY dock) AS p ON r.dock = p.dock;

-- self_join
SELECT a.id, b.id AS other FROM feed AS a JOIN feed AS b ON a.bike = b.bike AND a.dock = b.dock
  AND a.id < b.id AND a.kind <> b.kind;

-- eq_any
SELECT id FROM rides WHERE bike = ANY (SELECT bike FROM repairs WHERE minutes > 25);

-- gt_any
SELECT id FROM rides WHERE minutes > ANY (SELECT minutes FROM repairs WHERE minutes > 15 AND id <
  400) AND id < 60;

-- gt_all
SELECT id FROM rides WHERE minutes > ALL (SELECT minutes FROM repairs WHERE minutes IS NOT NULL
  AND id < 50);

-- ne_all
SELECT id FROM rides WHERE bike <> ALL (SELECT bike FROM repairs WHERE bike IS NOT NULL) AND id <
  60;

-- ne_any
SELECT id FROM rides WHERE bike <> ANY (SELECT bike FROM repairs WHERE id < 50) AND id < 60;

-- any_list
SELECT id FROM rides WHERE bike = ANY (1, 2, 3);

-- some_list
SELECT id FROM rides WHERE bike > SOME (30, 35);

-- all_list
SELECT id FROM rides WHERE bike > ALL (30, 35);

-- eq_all_two
SELECT id FROM rides WHERE dock = ALL (SELECT dock FROM repairs WHERE id < 60);

-- not_gt_all
SELECT id FROM rides WHERE NOT (minutes > ALL (SELECT minutes FROM repairs WHERE minutes IS NOT
  NULL AND id < 50)) AND id < 60;

-- any_or
SELECT id FROM rides WHERE id < 60 AND (dock = 'Lapa' OR minutes > ANY (SELECT minutes FROM
  repairs WHERE id < 50));

-- all_null
SELECT id, minutes >= ALL (SELECT minutes FROM repairs WHERE id < 50) AS m
  FROM rides WHERE id < 60;

-- collect
SELECT dock, COLLECT(bike) AS bikes FROM feed
  WHERE id < 60 GROUP BY dock;

-- collect_distinct
SELECT kind, COLLECT(DISTINCT dock) AS docks
  FROM feed WHERE id < 60 GROUP BY kind;

-- collect_window
SELECT window_end, COLLECT(dock) AS docks
  FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
  GROUP BY window_start, window_end;

-- collect_taken
SELECT COLLECT(n) AS ns FROM (SELECT dock, COUNT(*) AS n FROM feed WHERE id < 30 GROUP BY dock);

-- collect_unnest
SELECT t.dock, u.k FROM (SELECT dock, COLLECT(kind) AS kinds FROM feed WHERE id < 30 GROUP BY
  dock) AS t CROSS JOIN UNNEST(t.kinds) AS u (k);

-- json_arrayagg
SELECT dock, JSON_ARRAYAGG(bike) AS doc FROM feed
  WHERE id < 60 GROUP BY dock;

-- json_arrayagg_null
SELECT dock, JSON_ARRAYAGG(minutes NULL ON NULL) AS doc
  FROM feed WHERE id < 60 GROUP BY dock;

-- json_arrayagg_window
SELECT window_end, JSON_ARRAYAGG(dock) AS doc
  FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
  GROUP BY window_start, window_end;

-- arrayagg_taken
SELECT JSON_ARRAYAGG(n) AS doc FROM (SELECT dock, COUNT(*) AS n FROM feed WHERE id < 30 GROUP BY
  dock);

-- json_in_json
SELECT kind, JSON_OBJECT('n' VALUE COUNT(*), 'docks' VALUE JSON_ARRAYAGG(dock)) AS doc
  FROM feed WHERE id < 30 GROUP BY kind;

-- objectagg
SELECT dock, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE minutes) AS doc
  FROM feed WHERE id < 60 GROUP BY dock;

-- objectagg_absent
SELECT dock, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE bike ABSENT ON NULL) AS doc
  FROM feed WHERE id < 60 GROUP BY dock;

-- objectagg_window
SELECT window_end, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE dock) AS doc
  FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
  GROUP BY window_start, window_end;

-- objectagg_taken
SELECT JSON_OBJECTAGG(KEY dock VALUE n) AS doc
  FROM (SELECT dock, COUNT(*) AS n FROM feed WHERE id < 30 GROUP BY dock);

-- objectagg_nested
SELECT dock, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE JSON_ARRAY(id, kind)) AS doc
  FROM feed WHERE id < 30 GROUP BY dock;

-- array_agg
SELECT dock, ARRAY_AGG(bike) AS bikes FROM feed
  WHERE id < 40 GROUP BY dock;

-- array_agg_distinct
SELECT kind, ARRAY_AGG(DISTINCT bike) AS bikes
  FROM feed WHERE id < 40 GROUP BY kind;

-- array_agg_ignore
SELECT dock, ARRAY_AGG(bike IGNORE NULLS) AS bikes
  FROM feed WHERE id < 40 GROUP BY dock;

-- array_agg_filter
SELECT dock, ARRAY_AGG(bike) FILTER (WHERE bike > 20) AS bikes
  FROM feed WHERE id < 40 GROUP BY dock;

-- array_agg_window
SELECT window_end, ARRAY_AGG(bike) AS bikes
  FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
  GROUP BY window_start, window_end;

-- unnest_agg
SELECT t.dock, u.b FROM (SELECT dock, ARRAY_AGG(bike) AS bs FROM feed WHERE id < 30 GROUP BY dock)
  AS t CROSS JOIN UNNEST(t.bs) AS u (b);

-- json_seconds
SELECT id, JSON_OBJECT('a' VALUE CAST(FLOOR(`at` TO SECOND) AS TIMESTAMP(3)), 'b' VALUE
  CAST(FLOOR(`at` TO MINUTE) AS TIMESTAMP(3)), 'c' VALUE CAST(FLOOR(`at` TO MINUTE) AS
  TIMESTAMP_LTZ(3)), 'd' VALUE FLOOR(`at` TO SECOND)) AS doc FROM feed WHERE id < 10;

-- json_row
SELECT id, JSON_OBJECT('r' VALUE ROW(id, dock), 'a' VALUE ARRAY[1, 2]) AS doc
  FROM feed WHERE id < 10;

-- json_map
SELECT id, JSON_OBJECT('m' VALUE MAP['a', id], 'ltz' VALUE CAST(`at` AS TIMESTAMP_LTZ(3)), 'd'
  VALUE CAST(minutes AS DECIMAL(8, 3))) AS doc FROM feed WHERE id < 10;

-- row_in
SELECT id FROM rides WHERE (bike, dock) IN (SELECT bike, dock FROM repairs) AND id < 200;

-- row_not_equal
SELECT id FROM rides WHERE (bike, dock) <> (10, 'Centro') AND id < 100;

-- row_not_in_list
SELECT id FROM rides WHERE (bike, dock) NOT IN ((10, 'Centro'), (27, 'Porto')) AND id < 100;

-- row_field
SELECT id, ROW(id, dock).EXPR$1 AS r FROM feed
  WHERE id < 10;

-- value_in_on
SELECT r.id, p.id AS pid FROM rides AS r JOIN repairs AS p ON r.bike = p.bike AND r.minutes >
  (SELECT MAX(minutes) FROM repairs WHERE id < 60)
  WHERE r.id < 60;

-- value_in_on_left
SELECT r.id, p.id AS pid FROM (SELECT * FROM rides WHERE id < 60) AS r LEFT JOIN repairs AS p ON
  r.bike = p.bike AND r.minutes > (SELECT MAX(minutes) FROM repairs WHERE id < 60);

-- lateral
SELECT r.id, p.minutes FROM rides AS r, LATERAL (SELECT minutes FROM repairs AS q WHERE q.bike =
  r.bike) AS p WHERE r.id < 60;

-- lateral_left
SELECT r.id, p.minutes FROM rides AS r LEFT JOIN LATERAL (SELECT minutes FROM repairs AS q WHERE
  q.bike = r.bike) AS p ON TRUE WHERE r.id < 60;

-- lateral_aggregate
SELECT r.id, p.n FROM rides AS r, LATERAL (SELECT COUNT(*) AS n, MAX(minutes) AS most FROM repairs
  AS q WHERE q.bike = r.bike) AS p WHERE r.id < 60;

-- lateral_group
SELECT r.id, p.dock, p.n FROM rides AS r, LATERAL (SELECT dock, COUNT(*) AS n FROM repairs AS q
  WHERE q.bike = r.bike GROUP BY dock) AS p WHERE r.id < 60;

-- lateral_count_none
SELECT r.id, p.n FROM rides AS r LEFT JOIN LATERAL (SELECT COUNT(*) AS n FROM repairs AS q WHERE
  q.bike = r.bike) AS p ON TRUE WHERE r.id < 60;

-- lateral_less
SELECT r.id, p.id AS pid FROM rides AS r, LATERAL (SELECT id FROM repairs AS q WHERE q.bike =
  r.bike AND q.id < r.id) AS p WHERE r.id < 200;

-- lateral_less_aggregate
SELECT r.id, p.n FROM rides AS r, LATERAL (SELECT COUNT(*) AS n FROM repairs AS q WHERE q.id <
  r.id) AS p WHERE r.id < 60;

-- lateral_alias_columns
SELECT r.id, p.m FROM rides AS r, LATERAL (SELECT minutes FROM repairs AS q WHERE q.bike = r.bike)
  AS p (m) WHERE r.id < 60;

-- lateral_distinct
SELECT r.id, p.dock FROM rides AS r, LATERAL (SELECT DISTINCT dock FROM repairs AS q WHERE q.bike
  = r.bike) AS p WHERE r.id < 60;

-- value_group
SELECT id, (SELECT COUNT(*) FROM repairs WHERE repairs.bike = rides.bike GROUP BY repairs.bike) AS
  n FROM rides WHERE id < 60;

-- value_having
SELECT id, (SELECT COUNT(*) FROM repairs WHERE repairs.bike = rides.bike HAVING COUNT(*) > 1) AS n
  FROM rides WHERE id < 60;

-- exists_group_having
SELECT id FROM rides WHERE EXISTS (SELECT repairs.bike FROM repairs WHERE repairs.bike =
  rides.bike GROUP BY repairs.bike HAVING COUNT(*) > 1) AND id < 60;

-- in_group_having
SELECT id FROM rides WHERE dock IN (SELECT repairs.dock FROM repairs WHERE repairs.bike =
  rides.bike GROUP BY repairs.dock) AND id < 200;

-- in_group
SELECT id FROM rides WHERE bike IN (SELECT bike FROM repairs GROUP BY bike HAVING COUNT(*) > 2);

-- exists_deep
SELECT id FROM rides WHERE id < 60 AND EXISTS (SELECT 1 FROM repairs AS p WHERE p.bike =
  rides.bike AND EXISTS (SELECT 1 FROM repairs AS q WHERE q.dock = p.dock AND q.minutes > 30));

-- limit_offset
SELECT id, minutes FROM early WHERE minutes IS NOT NULL ORDER BY minutes DESC LIMIT 3 OFFSET 2;

-- order_time_limit_offset
SELECT id, `at` FROM early ORDER BY `at` LIMIT 7 OFFSET 2;

-- limit_no_order
SELECT id FROM early LIMIT 7;

-- order_time_desc_limit
SELECT id, `at` FROM (SELECT * FROM early WHERE id < 60) ORDER BY `at` DESC, id LIMIT 7;

-- limit_offset_small
SELECT dock, COUNT(*) AS n FROM feed WHERE id < 60
  GROUP BY dock ORDER BY n DESC, dock LIMIT 2 OFFSET 1;

-- top_range
SELECT dock, id, minutes, place FROM ( SELECT dock, id, minutes, ROW_NUMBER() OVER (PARTITION BY
  dock ORDER BY minutes DESC, id) AS place FROM feed WHERE minutes IS NOT NULL) WHERE place
  BETWEEN 2 AND 3;

-- top_range_hidden
SELECT dock, id, minutes FROM ( SELECT dock, id, minutes, ROW_NUMBER() OVER (PARTITION BY dock
  ORDER BY minutes DESC, id) AS place FROM feed WHERE minutes IS NOT NULL) WHERE place BETWEEN 2
  AND 3;

-- top_of_groups
SELECT dock, n, place FROM (SELECT dock, n, ROW_NUMBER() OVER (ORDER BY n DESC, dock) AS place
  FROM (SELECT dock, COUNT(*) AS n FROM feed WHERE id < 100 GROUP BY dock)) WHERE place <= 3;

-- top_of_groups_hidden
SELECT dock, n FROM (SELECT dock, n, ROW_NUMBER() OVER (ORDER BY n DESC, dock) AS place FROM
  (SELECT dock, COUNT(*) AS n FROM feed WHERE id < 100 GROUP BY dock)) WHERE place <= 3;

-- top_nulls
SELECT dock, id, minutes, place FROM (SELECT dock, id, minutes, ROW_NUMBER() OVER (PARTITION BY
  dock ORDER BY minutes, id) AS place FROM feed) WHERE place <= 2;

-- top_nulls_last
SELECT dock, id, minutes, place FROM (SELECT dock, id, minutes, ROW_NUMBER() OVER (PARTITION BY
  dock ORDER BY minutes DESC NULLS LAST, id) AS place FROM feed) WHERE place <= 2;

-- top_nulls_first
SELECT dock, id, minutes FROM (SELECT dock, id, minutes, ROW_NUMBER() OVER (PARTITION BY dock
  ORDER BY minutes DESC NULLS FIRST, id) AS place FROM feed) WHERE place <= 2;

-- last_of_each
SELECT bike, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bike ORDER BY `at` DESC) AS place
  FROM early) WHERE place = 1;

-- first_ranked
SELECT bike, id, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bike ORDER BY `at`) AS
  place FROM feed) WHERE place = 1;

-- second_of_each
SELECT bike, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bike ORDER BY `at`) AS place FROM
  early) WHERE place <= 2;

-- window_first
SELECT window_end, dock, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start,
  window_end, dock ORDER BY `at`) AS place FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`),
  INTERVAL '1' MINUTE))) WHERE place = 1;

-- window_top_rows
SELECT window_end, id, minutes, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY
  window_start, window_end ORDER BY minutes DESC, id) AS place FROM TABLE(HOP(TABLE feed,
  DESCRIPTOR(`at`), INTERVAL '30' SECOND, INTERVAL '1' MINUTE))) WHERE place <= 3;

-- group_id
SELECT dock, kind, GROUP_ID() AS g, COUNT(*) AS n
  FROM feed WHERE id < 30 GROUP BY CUBE (dock, kind);

-- group_id_twice
SELECT dock, GROUP_ID() AS g, COUNT(*) AS n
  FROM feed WHERE id < 30 GROUP BY GROUPING SETS ((dock), (dock));

-- set_twice
SELECT dock, COUNT(*) AS n FROM feed WHERE id < 30
  GROUP BY GROUPING SETS ((dock), (dock));

-- firsts
SELECT dock, FIRST_VALUE(bike) AS a, LAST_VALUE(bike) AS b, FIRST_VALUE(minutes) AS c
  FROM feed WHERE id < 80 GROUP BY dock;

-- listagg
SELECT dock, LISTAGG(kind) AS a, LISTAGG(DISTINCT kind, '|') AS b
  FROM feed WHERE id < 60 GROUP BY dock;

-- spreads
SELECT dock, STDDEV_POP(minutes) AS a, VAR_SAMP(bike) AS b, STDDEV(bike) AS c, VARIANCE(minutes)
  AS d FROM feed WHERE id < 80 GROUP BY dock;

-- sums
SELECT kind, SUM(bike) AS a, AVG(bike) AS b, AVG(minutes) AS c, MIN(`at`) AS d, MAX(dock) AS e,
  COUNT(DISTINCT dock) AS f, SUM(DISTINCT bike) AS g
  FROM feed WHERE id < 80 GROUP BY kind;

-- decimals
SELECT kind, SUM(CAST(minutes AS DECIMAL(8, 2))) AS a, AVG(CAST(minutes AS DECIMAL(8, 2))) AS b,
  MAX(CAST(minutes AS DECIMAL(8, 2))) AS c
  FROM feed WHERE id < 60 GROUP BY kind;

-- group_nulls
SELECT bike, COUNT(*) AS n FROM early GROUP BY bike;

-- group_taken
SELECT n, COUNT(*) AS docks FROM (SELECT dock, bike, COUNT(*) AS n FROM early GROUP BY dock, bike)
  GROUP BY n;

-- max_taken
SELECT MAX(n) AS most, MIN(n) AS least, SUM(n) AS total
  FROM (SELECT dock, COUNT(*) AS n FROM early GROUP BY dock);

-- distinct_of_all
SELECT COUNT(DISTINCT bike) AS bikes, COUNT(bike) AS known, COUNT(*) AS n
  FROM early;

-- filter_counts
SELECT dock, COUNT(*) FILTER (WHERE kind = 'repair') AS repairs, SUM(minutes) FILTER (WHERE
  minutes > 10) AS longs FROM feed WHERE id < 200 GROUP BY dock;

-- union_distinct
SELECT dock, kind FROM rides WHERE id < 50 UNION SELECT dock, kind
  FROM repairs WHERE id < 100;

-- window_distinct
SELECT DISTINCT window_start, window_end, dock
  FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '1' MINUTE));

-- cascade
SELECT window_start, window_end, SUM(n) AS n
  FROM TABLE(TUMBLE(TABLE per15, DESCRIPTOR(t), INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end;

-- hop_keys
SELECT window_start, window_end, dock, MAX(minutes) AS most, COUNT(DISTINCT bike) AS bikes
  FROM TABLE(HOP(TABLE feed, DESCRIPTOR(`at`), INTERVAL '20' SECOND, INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end, dock;

-- tumble_named
SELECT window_start, window_end, COUNT(*) AS n
  FROM TABLE(TUMBLE(DATA => TABLE feed, TIMECOL => DESCRIPTOR(`at`), SIZE => INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end;

-- cumulate_keys
SELECT window_start, window_end, dock, SUM(minutes) AS total
  FROM TABLE(CUMULATE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '20' SECOND, INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end, dock;

-- session_all
SELECT window_start, window_end, COUNT(*) AS n, MIN(id) AS first_id
  FROM TABLE(SESSION(TABLE feed, DESCRIPTOR(`at`), INTERVAL '3' SECOND))
  GROUP BY window_start, window_end;

-- session_two
SELECT window_start, window_end, dock, kind, COUNT(*) AS n
  FROM TABLE(SESSION(TABLE feed PARTITION BY (dock, kind), DESCRIPTOR(`at`), INTERVAL '8' SECOND))
  GROUP BY window_start, window_end, dock, kind;

-- session_having
SELECT window_start, window_end, dock, COUNT(*) AS n
  FROM TABLE(SESSION(TABLE feed PARTITION BY dock, DESCRIPTOR(`at`), INTERVAL '4' SECOND))
  GROUP BY window_start, window_end, dock HAVING COUNT(*) > 2;

-- legacy_tumble
SELECT TUMBLE_START(`at`, INTERVAL '30' SECOND) AS s, TUMBLE_END(`at`, INTERVAL '30' SECOND) AS e,
  TUMBLE_ROWTIME(`at`, INTERVAL '30' SECOND) AS r, dock, COUNT(*) AS n
  FROM feed GROUP BY TUMBLE(`at`, INTERVAL '30' SECOND), dock;

-- legacy_hop
SELECT HOP_START(`at`, INTERVAL '20' SECOND, INTERVAL '1' MINUTE) AS s, COUNT(*) AS n
  FROM feed GROUP BY HOP(`at`, INTERVAL '20' SECOND, INTERVAL '1' MINUTE);

-- legacy_session
SELECT SESSION_START(`at`, INTERVAL '4' SECOND) AS s, SESSION_END(`at`, INTERVAL '4' SECOND) AS e,
  dock, COUNT(*) AS n FROM feed GROUP BY SESSION(`at`, INTERVAL '4' SECOND), dock;

-- tumble_peers
SELECT window_start, window_end, dock, COUNT(*) AS n
  FROM TABLE(TUMBLE(TABLE by_minute, DESCRIPTOR(tick), INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end, dock;

-- window_join_left
SELECT l.window_start, l.dock, l.n, r.n AS m
  FROM (SELECT window_start, window_end, dock, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE rides,
  DESCRIPTOR(`at`), INTERVAL '30' SECOND)) GROUP BY window_start, window_end, dock) AS l LEFT JOIN
  (SELECT window_start, window_end, dock, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE repairs,
  DESCRIPTOR(`at`), INTERVAL '30' SECOND)) GROUP BY window_start, window_end, dock) AS r ON
  l.window_start = r.window_start AND l.window_end = r.window_end AND l.dock = r.dock;

-- window_join_full
SELECT COALESCE(l.dock, r.dock) AS dock, l.n, r.n AS m
  FROM (SELECT window_start, window_end, dock, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE rides,
  DESCRIPTOR(`at`), INTERVAL '20' SECOND)) GROUP BY window_start, window_end, dock) AS l FULL JOIN
  (SELECT window_start, window_end, dock, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE repairs,
  DESCRIPTOR(`at`), INTERVAL '20' SECOND)) GROUP BY window_start, window_end, dock) AS r ON
  l.window_start = r.window_start AND l.window_end = r.window_end AND l.dock = r.dock;

-- last_over
SELECT id, FIRST_VALUE(id) OVER w AS a, LAST_VALUE(id) OVER w AS b, AVG(minutes) OVER w AS c,
  COUNT(DISTINCT dock) OVER w AS d FROM early WINDOW w AS (PARTITION BY kind ORDER BY `at` ROWS
  BETWEEN 4 PRECEDING AND CURRENT ROW);

-- over_two
SELECT id, SUM(minutes) OVER (PARTITION BY dock ORDER BY `at` RANGE BETWEEN INTERVAL '20' SECOND
  PRECEDING AND CURRENT ROW) AS a, MIN(bike) OVER (PARTITION BY dock ORDER BY `at` RANGE BETWEEN
  INTERVAL '20' SECOND PRECEDING AND CURRENT ROW) AS b FROM early;

-- over_all_keys
SELECT id, COUNT(*) OVER (ORDER BY `at` ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS n
  FROM early;

-- over_long
SELECT id, SUM(minutes) OVER (PARTITION BY kind ORDER BY `at` RANGE BETWEEN INTERVAL '1' MINUTE
  PRECEDING AND CURRENT ROW) AS total, COUNT(bike) OVER (PARTITION BY kind ORDER BY `at` RANGE
  BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW) AS bikes FROM early;

-- over_unbounded_rows
SELECT id, SUM(bike) OVER (PARTITION BY dock ORDER BY `at` ROWS BETWEEN UNBOUNDED PRECEDING AND
  CURRENT ROW) AS total FROM early;

-- over_peers
SELECT id, COUNT(*) OVER (PARTITION BY dock ORDER BY tick RANGE BETWEEN UNBOUNDED PRECEDING AND
  CURRENT ROW) AS n FROM by_minute WHERE id < 200;

-- over_peers_rows
SELECT id, COUNT(*) OVER (PARTITION BY dock ORDER BY tick ROWS BETWEEN 2 PRECEDING AND CURRENT
  ROW) AS n, MAX(minutes) OVER (PARTITION BY dock ORDER BY tick ROWS BETWEEN 2 PRECEDING AND
  CURRENT ROW) AS most FROM by_minute WHERE id < 200;

-- over_peers_range
SELECT id, SUM(minutes) OVER (PARTITION BY dock ORDER BY tick RANGE BETWEEN INTERVAL '2' MINUTE
  PRECEDING AND CURRENT ROW) AS total FROM by_minute WHERE id < 200;

-- lag_one
SELECT id, LAG(bike) OVER (PARTITION BY dock ORDER BY `at`) AS b, LAG(minutes, 3) OVER (PARTITION
  BY dock ORDER BY `at`) AS m FROM early;

-- match_dip
SELECT * FROM feed MATCH_RECOGNIZE (PARTITION BY kind ORDER BY `at` MEASURES FIRST(A.id) AS a,
  LAST(A.id) AS b, B.id AS c AFTER MATCH SKIP TO NEXT ROW PATTERN (A+ B) WITHIN INTERVAL '10'
  SECOND DEFINE A AS A.minutes < 5, B AS B.minutes > 30);

-- match_optional
SELECT * FROM feed MATCH_RECOGNIZE (PARTITION BY dock ORDER BY `at` MEASURES A.id AS a, B.id AS b,
  C.id AS c ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B? C) DEFINE A AS A.kind =
  'repair', B AS B.minutes < 5, C AS C.minutes > 10);

-- match_reluctant
SELECT * FROM feed MATCH_RECOGNIZE (PARTITION BY dock ORDER BY `at` MEASURES A.id AS a,
  COUNT(B.id) AS n, SUM(B.minutes) AS total, C.id AS c ONE ROW PER MATCH AFTER MATCH SKIP TO LAST
  C PATTERN (A B*? C) DEFINE A AS A.minutes < 10, C AS C.minutes > 25);

-- interval_left
SELECT r.id AS ride, p.id AS repair FROM rides AS r LEFT JOIN repairs AS p ON r.dock = p.dock AND
  p.`at` BETWEEN r.`at` - INTERVAL '5' SECOND AND r.`at` + INTERVAL '5' SECOND;

-- interval_full
SELECT r.id AS ride, p.id AS repair FROM rides AS r FULL JOIN repairs AS p ON r.dock = p.dock AND
  p.`at` BETWEEN r.`at` - INTERVAL '5' SECOND AND r.`at` + INTERVAL '5' SECOND;

-- temporal
SELECT r.id, f.minutes FROM rides AS r LEFT JOIN latest FOR SYSTEM_TIME AS OF r.`at` AS f ON
  r.dock = f.dock;

-- null_logic
SELECT id, bike > 10 AND minutes > 10 AS a, bike > 10 OR minutes > 10 AS b, NOT (bike > 10) AS c,
  (bike > 10) IS UNKNOWN AS d, bike IS NOT DISTINCT
  FROM NULL AS e, bike IN (1, NULL) AS f, CASE WHEN bike > 10 THEN 1 WHEN bike <= 10 THEN 0 END AS
  g FROM feed WHERE id < 60;

-- null_math
SELECT id, bike + NULLIF(bike, 5) AS a, bike * minutes AS b, CONCAT(dock, CAST(bike AS STRING)) AS
  c, dock || CAST(bike AS STRING) AS d, COALESCE(CAST(NULL AS INT), bike, 0) AS e, GREATEST(bike,
  3) AS f, ABS(bike - 20) AS g, bike / 3 AS h, bike % 7 AS i FROM feed WHERE id < 60;

-- casts
SELECT id, CAST(minutes AS STRING) AS a, CAST(minutes AS DECIMAL(10, 1)) AS b, CAST(bike AS
  DOUBLE) AS c, CAST(`at` AS DATE) AS d, CAST(`at` AS STRING) AS e, CAST(CAST(id AS STRING) AS
  INT) AS f, CAST(minutes AS BIGINT) AS g, CAST(id > 10 AS STRING) AS h FROM feed WHERE id < 60;

-- draws
SELECT id, RAND(7) AS a, RAND_INTEGER(7, 100) AS b, RAND_INTEGER(3, 64) AS c FROM feed WHERE id < 60;

-- spans
SELECT id, CAST((`at` - TIMESTAMP '2026-01-01 00:00:10') SECOND AS BIGINT) AS a,
  EXTRACT(ISODOW FROM `at`) AS b, EXTRACT(MICROSECOND FROM `at`) AS c, FLOOR(`at` TO CENTURY) AS d,
  CAST(TIMESTAMP '2026-01-01 00:00:10' AS STRING) AS e FROM feed WHERE id < 60;
