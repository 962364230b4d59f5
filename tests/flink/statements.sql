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
