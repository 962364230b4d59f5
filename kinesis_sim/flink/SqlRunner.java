package kinesislab;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ExplainDetail;
import org.apache.flink.table.api.ResultKind;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/**
 * Runs the statements of a file and writes rows as lines of JSON to standard output.
 *
 * <p>Each line of the file is {@code verb TAB label TAB base64}: {@code set} (label is the key),
 * {@code execute}, {@code explain}, {@code collect}, and {@code add} and {@code start} for one job that
 * writes to its own sinks. Lines written: {@code row} (label, kind, values), {@code done} (label,
 * rows, late), {@code job}, and {@code error}.
 */
public final class SqlRunner {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final PrintStream OUT =
      new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS");

  private static final Queue<JobClient> WRITERS = new ConcurrentLinkedQueue<>();
  private static final Queue<JobClient> JOBS = new ConcurrentLinkedQueue<>();

  /** Whether the end was asked for: then a job that is cancelled has come to its proper end. */
  private static volatile boolean ending;

  private SqlRunner() {}

  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", "1");
    configuration.setString("metrics.reporters", "late");
    configuration.setString("metrics.reporter.late.factory.class", LateRecords.class.getName());
    for (int at = 1; at < arguments.length; at++) {
      String[] pair = arguments[at].split("=", 2);
      configuration.setString(pair[0], pair[1]);
    }
    TableEnvironment tables =
        TableEnvironment.create(
            EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration).build());
    tables.getConfig().set("table.local-time-zone", "UTC");
    StatementSet writers = null;
    TableResult started = null;
    endWithInput();
    for (String line : Files.readAllLines(Path.of(arguments[0]), StandardCharsets.UTF_8)) {
      String[] parts = line.split("\t", 3);
      String sql = new String(Base64.getDecoder().decode(parts[2]), StandardCharsets.UTF_8);
      try {
        switch (parts[0]) {
          case "set" -> tables.getConfig().set(parts[1], sql);
          case "execute" -> tables.executeSql(sql);
          case "explain" -> tables.explainSql(sql, ExplainDetail.CHANGELOG_MODE);
          case "collect" -> collect(tables, parts[1], sql);
          case "add" -> {
            writers = writers == null ? tables.createStatementSet() : writers;
            writers.addInsertSql(sql);
          }
          case "start" -> started = start(writers, parts[1]);
          default -> throw new IllegalArgumentException(parts[0]);
        }
      } catch (Exception error) {
        if (ending) Thread.currentThread().join(); // until the one that ends them is done
        say("error", parts[1], Map.of("message", story(error)));
        System.exit(3);
      }
    }
    if (started != null) started.await();
    System.exit(0); // the mini-cluster's threads would keep the process
  }

  private static void collect(TableEnvironment tables, String label, String sql) throws Exception {
    LateRecords.SEEN.clear();
    TableResult result = tables.executeSql(sql);
    result.getJobClient().ifPresent(JOBS::add);
    List<String> names = result.getResolvedSchema().getColumnNames();
    long rows = 0;
    if (result.getResultKind() == ResultKind.SUCCESS_WITH_CONTENT) {
      say("job", label, Map.of("columns", names));
      try (CloseableIterator<Row> found = result.collect()) {
        while (found.hasNext()) {
          Row row = found.next();
          rows += 1;
          say("row", label, Map.of("kind", row.getKind().shortString(), "values", values(row)));
        }
      }
    }
    say("done", label, Map.of("rows", rows, "late", LateRecords.total()));
  }

  private static TableResult start(StatementSet writers, String label) throws Exception {
    TableResult result = writers.execute();
    result.getJobClient().ifPresent(WRITERS::add);
    say("job", label, Map.of("columns", List.of()));
    return result;
  }

  /**
   * Ends all jobs when whoever started this closes its input: those that write with a savepoint, so
   * that their sinks send what they hold, all others at once. Consumers deregister meanwhile.
   */
  private static void endWithInput() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
                ending = true;
                for (JobClient job : WRITERS) stop(job);
                for (JobClient job : JOBS) cancel(job);
              } catch (Exception error) {
                System.err.println("A job could not be ended: " + error);
              }
              System.exit(0);
            });
    watch.setDaemon(true);
    watch.start();
  }

  private static void stop(JobClient job) throws Exception {
    Path folder = Files.createTempDirectory("kinesis-lab-savepoint-");
    try {
      job.stopWithSavepoint(false, folder.toUri().toString(), SavepointFormatType.DEFAULT)
          .get(20, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException error) {
      cancel(job);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  /** Cancels a job and waits until its tasks have let go of what they hold. */
  private static void cancel(JobClient job) throws Exception {
    job.cancel().get(10, TimeUnit.SECONDS);
    try {
      job.getJobExecutionResult().get(15, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException cancelled) {
      // what was asked for
    }
  }

  private static synchronized void say(String what, String label, Map<String, ?> more)
      throws Exception {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("what", what);
    told.put("statement", label);
    told.putAll(more);
    OUT.println(JSON.writeValueAsString(told));
  }

  /** The messages of an error and of what caused it, outermost first. */
  private static String story(Throwable error) {
    List<String> told = new ArrayList<>();
    for (Throwable at = error; at != null && told.size() < 12; at = at.getCause()) {
      String text = String.valueOf(at.getMessage());
      if (told.isEmpty() || !told.get(told.size() - 1).contains(text)) told.add(text);
    }
    return String.join(" | ", told);
  }

  private static List<Object> values(Row row) {
    List<Object> told = new ArrayList<>();
    for (int at = 0; at < row.getArity(); at++) told.add(plain(row.getField(at)));
    return told;
  }

  private static Object plain(Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean) return value;
    if (value instanceof LocalDateTime) return TIME.format((LocalDateTime) value);
    if (value instanceof Instant) return TIME.format(((Instant) value).atOffset(java.time.ZoneOffset.UTC)) + "Z";
    if (value instanceof LocalDate || value instanceof LocalTime) return value.toString();
    if (value instanceof byte[]) return Base64.getEncoder().encodeToString((byte[]) value);
    if (value instanceof Row) return values((Row) value);
    if (value instanceof Object[]) {
      List<Object> told = new ArrayList<>();
      for (Object each : (Object[]) value) told.add(plain(each));
      return told;
    }
    if (value instanceof Map) {
      Map<String, Object> told = new LinkedHashMap<>();
      ((Map<?, ?>) value).forEach((key, each) -> told.put(String.valueOf(key), plain(each)));
      return told;
    }
    return value.toString();
  }

  /** Keeps the counters of rows that operators dropped because they came too late. */
  public static final class LateRecords implements MetricReporter, MetricReporterFactory {
    static final Queue<Counter> SEEN = new ConcurrentLinkedQueue<>();

    public LateRecords() {}

    static long total() {
      return SEEN.stream().mapToLong(Counter::getCount).sum();
    }

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
      return this;
    }

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
      if (name.equals("numLateRecordsDropped") || name.equals("lateRecordsDropped")) {
        if (metric instanceof Counter) SEEN.add((Counter) metric);
      }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {}
  }
}
