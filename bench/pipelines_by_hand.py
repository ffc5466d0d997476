"""The marts as one would write them by hand for DuckDB alone: SQL over the raw files, a COPY each.

They hold the same rows as the models' marts (a test compares them), sorted and split by day like them. What
the engine does besides is not done: checks, manifests, finding out what is stale.
"""
# ruff: noqa: E501 - statements read better in their own lines; all names are ours

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.pipelines_raw import TODAY

_WEEKS = ",\n".join(
    f"coalesce(sum(downloads) FILTER (ago >= {7 * n} AND ago < {7 * n + 7}), 0)::BIGINT AS w{n}"
    for n in range(8)
)


def _middle(first: int) -> str:
    weeks = ", ".join(f"w{n}" for n in range(first, first + 4))
    return f"{weeks.replace(', ', ' + ')} - greatest({weeks}) - least({weeks})"


def _falling(value: str, full: int, none: int) -> str:
    return f"least(1.0, greatest(0.0, ({none} - {value}) / {none - full}.0))"


def _rank(holds: str, by: str, column: str) -> str:
    return (
        f"CASE WHEN {holds} THEN row_number() OVER (ORDER BY coalesce({holds}, false) DESC, {by}, listing) END"
        f" AS {column}"
    )


_FACTS = f"""
CREATE TEMP TABLE facts AS
WITH listings AS (
  SELECT listing, max(lifecycle) AS lifecycle, lower(max(repository)) AS url, max(readme_bytes) AS readme,
    bool_or(documented) AS documented, max(coalesce(supports_callboard, supports_backstage)) AS supports
  FROM raw_listings GROUP BY ALL),
own AS (
  SELECT l.listing, p.package, p.document, p.document->>'$."dist-tags".latest' AS latest,
    (p.document->'time')::MAP(VARCHAR, VARCHAR) AS times, p.document->'versions' AS versions
  FROM raw_listings l JOIN raw_packages p USING (ecosystem, package)),
released AS (
  SELECT listing, max(left(times[latest], 10)::DATE) AS released_on,
    sum(len(list_filter(map_values(times), lambda t: left(t, 10)::DATE > DATE '{TODAY}' - 365
      AND left(t, 10)::DATE <= DATE '{TODAY}'))) AS releases,
    max(json_array_length(document->'maintainers')) AS maintainers,
    max(json_extract_string(versions, '$."' || latest || '".engines.node')) AS runtime,
  FROM own GROUP BY listing),
about AS (
  SELECT o.listing, v.id, lower(v.document->>'$.database_specific.severity') AS severity
  FROM own o JOIN raw_vulnerabilities v USING (package)
  WHERE list_transform(string_split(o.latest, '.'), lambda x: x::INT)
    < list_transform(string_split(v.document->>'$.affected[0].ranges[0].events[1].fixed', '.'), lambda x: x::INT)),
counted AS (
  SELECT listing, {
    ", ".join(
        f"count(DISTINCT id) FILTER (severity = '{one}') AS {one}"
        for one in ("critical", "high", "moderate", "low")
    )
} FROM about GROUP BY listing)
SELECT l.*, datediff('day', released_on, DATE '{TODAY}') AS ago, releases, maintainers, runtime,
  floor(r.median_days_to_close)::BIGINT AS days_to_close, coalesce(r.archived, false) AS archived,
  coalesce(critical, 0) AS critical, coalesce(high, 0) AS high, coalesce(moderate, 0) AS moderate,
  coalesce(low, 0) AS low
FROM listings l LEFT JOIN released USING (listing) LEFT JOIN counted USING (listing)
LEFT JOIN raw_repositories r USING (url)
"""

_SHARES = f"""
SELECT listing, unnest([
  {{part: 'release_cadence', most: 20, share: ({_falling("ago", 90, 730)} + least(1.0, releases / 6.0)) / 2,
    reason: 'The last release was ' || ago || ' days ago, ' || releases || ' versions in 365 days'}},
  {{part: 'issue_responsiveness', most: 15, share: {_falling("days_to_close", 7, 180)},
    reason: 'Half of the closed issues were closed within ' || days_to_close || ' days'}},
  {{part: 'maintainers', most: 15, share: least(1.0, maintainers / 3.0),
    reason: 'It has ' || maintainers || ' maintainers'}},
  {{part: 'vulnerabilities', most: 20,
    share: greatest(0.0, (100 - 100 * critical - 75 * high - 40 * moderate - 10 * low) / 100.0),
    reason: critical || ' critical, ' || high || ' high, ' || moderate || ' moderate, ' || low || ' low'}},
  {{part: 'compatibility', most: 10, share: ((supports IS NOT NULL)::INT + (runtime IS NOT NULL)::INT) / 2.0,
    reason: coalesce(supports, 'no version') || ' and ' || coalesce(runtime, 'no runtime')}},
  {{part: 'documentation', most: 10, share: (documented::INT + least(1.0, readme / 2000.0)) / 2,
    reason: documented || ', a readme of ' || readme || ' bytes'}},
  {{part: 'deprecation', most: 10, share: (NOT (lifecycle = 'deprecated' OR archived))::INT::DOUBLE,
    reason: lifecycle || ', archived: ' || archived}}
], recursive := true)
FROM facts
"""

MARTS: dict[str, str] = {
    "downloads_daily": "SELECT ecosystem, package, day, downloads FROM raw_downloads "
    "ORDER BY day, ecosystem, package",
    "downloads_weekly": "SELECT ecosystem, package, date_trunc('week', day)::DATE AS week, "
    "sum(downloads)::BIGINT AS downloads FROM raw_downloads GROUP BY ALL "
    "HAVING week >= (SELECT min(day) FROM raw_downloads) ORDER BY week, ecosystem, package",
    "listing_downloads_weekly": "SELECT listing, week, sum(downloads)::BIGINT AS downloads "
    "FROM read_parquet('{out}/downloads_weekly/*/*.parquet', hive_partitioning=true) "
    "JOIN raw_listings USING (ecosystem, package) GROUP BY ALL ORDER BY week, listing",
    "health_parts": f"SELECT listing, DATE '{TODAY}' AS day, part, floor(share * most * 10 + 0.5) / 10 AS points, "
    f"most, reason FROM ({_SHARES}) ORDER BY listing, part",
    "health": "SELECT listing, day, floor(1000 * sum(points) / sum(most) / 10 + 0.5)::BIGINT AS score "
    "FROM read_parquet('{out}/health_parts/*/*.parquet', hive_partitioning=true) GROUP BY ALL ORDER BY listing",
    "rankings": f"""
WITH recent AS (
  SELECT listing, downloads, datediff('day', d.day, DATE '{TODAY}') AS ago
  FROM raw_downloads d JOIN raw_listings l USING (ecosystem, package) WHERE d.day > DATE '{TODAY}' - 58),
summed AS (
  SELECT listing, sum(downloads) FILTER (ago < 30) AS downloads_30d, sum(downloads) FILTER (ago >= 28) AS before_30d,
    {_WEEKS} FROM recent GROUP BY listing),
grown AS (
  SELECT *, {_middle(0)} AS recent, {_middle(4)} AS before FROM summed),
rows AS (
  SELECT l.listing, l.added, h.score, coalesce(downloads_30d, 0) AS known, downloads_30d, before_30d,
    CASE WHEN before >= 40 THEN floor(((recent + 40) / (before + 40)::DOUBLE - 1) * 10000 + 0.5) / 10000 END
      AS growth
  FROM (SELECT listing, min(added) AS added FROM raw_listings GROUP BY ALL) l LEFT JOIN grown USING (listing)
  LEFT JOIN (SELECT * FROM read_parquet('{{out}}/health/*/*.parquet')) h USING (listing)),
places AS (
  SELECT *, {_rank("downloads_30d > 0", "downloads_30d DESC", "popular")},
    {_rank("before_30d > 0", "before_30d DESC", "popular_before")} FROM rows)
SELECT listing, DATE '{TODAY}' AS day, downloads_30d::BIGINT AS downloads_30d, growth, popular,
  {_rank("growth > 0", "growth DESC, known DESC", "trending")},
  {_rank("popular_before - popular > 0", "popular_before - popular DESC, known DESC", "rising")},
  {_rank(f"DATE '{TODAY}' - added < 90 AND added <= DATE '{TODAY}'", "added DESC, known DESC", '"new"')},
  {_rank("score IS NOT NULL", "score DESC, known DESC", "healthiest")}
FROM places ORDER BY listing""",
    "adoption": "SELECT plugin, version, day, listing, installs FROM raw_installations ORDER BY day, plugin, version",
    "usage_daily": """
SELECT d.day, count(DISTINCT visitor) FILTER (e.day = d.day) AS daily_users,
  count(DISTINCT visitor) FILTER (e.day > d.day - 7) AS weekly_users, count(DISTINCT visitor) AS monthly_users,
  count(*) FILTER (e.day = d.day) AS events
FROM (SELECT DISTINCT day FROM raw_events) d
JOIN (SELECT DISTINCT * FROM raw_events) e ON e.day <= d.day AND e.day > d.day - 30 GROUP BY d.day""",
    "usage_by": "SELECT day, dimension, key, count(DISTINCT visitor) AS users, count(*) AS events FROM "
    "(SELECT DISTINCT * FROM raw_events) UNPIVOT (key FOR dimension IN (page, plugin, team)) "
    "GROUP BY ALL ORDER BY day, dimension, key",
    "searches_without_result": "SELECT day, trim(lower(subject)) AS term, count(*) AS searches FROM "
    "(SELECT DISTINCT * FROM raw_events) WHERE action = 'search' AND value = 0 GROUP BY ALL ORDER BY day, term",
    "catalog_growth": "SELECT day, kind, count(DISTINCT entity) AS entities FROM raw_entities GROUP BY ALL",
    "ownership_coverage": "SELECT day, kind, count(*) FILTER (owned) AS owned, count(*) AS total "
    "FROM raw_entities GROUP BY ALL",
}  # fmt: skip


def by_hand(lake: Path, out: Path, threads: int, memory: str = "2GB") -> int:
    """Write all marts below `out`; says how many there are."""
    out.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": threads, "memory_limit": memory})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(f"SET temp_directory = '{out}-spill'")
    for dataset in sorted(path.name for path in (lake / "raw").iterdir()):
        connection.execute(
            f"CREATE VIEW raw_{dataset} AS SELECT * FROM "
            f"read_parquet('{lake}/raw/{dataset}/*/*.parquet', hive_partitioning=false)"
        )
    connection.execute(_FACTS)
    for mart, sql in MARTS.items():
        day = "week" if mart.endswith("weekly") else "day"
        connection.execute(
            f"COPY ({sql.replace('{out}', str(out))}) TO '{out}/{mart}' "
            f"(FORMAT parquet, PARTITION_BY ({day}), COMPRESSION zstd, OVERWRITE)"
        )
    connection.close()
    return len(MARTS)
