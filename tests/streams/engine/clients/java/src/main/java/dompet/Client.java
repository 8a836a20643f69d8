package dompet;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Asks the engine as a program that uses clickhouse-jdbc does, and prints what it found as JSON.
 * Arguments: the engine's host and port, the file of questions.
 */
public final class Client {
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'");

    private record Question(String sql) {}

    private record Questions(List<Question> queries, String table, String text, String long_, String write) {}

    private final Connection connection;

    private Client(Connection connection) {
        this.connection = connection;
    }

    public static void main(String[] arguments) throws Exception {
        Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping()
            .setFieldNamingStrategy(field -> field.getName().replace("_", "")).create();
        Questions asked = gson.fromJson(Files.readString(Path.of(arguments[1])), Questions.class);
        Properties properties = new Properties();
        properties.put("user", "java");
        properties.put("clickhouse_setting_session_id", "sess_1"); // as DBeaver does
        try (Connection opened = DriverManager.getConnection("jdbc:clickhouse://" + arguments[0] + "/default", properties)) {
            new PrintStream(System.out, true, StandardCharsets.UTF_8).println(gson.toJson(new Client(opened).found(asked)));
        }
    }

    private Map<String, Object> found(Questions asked) throws SQLException {
        Map<String, Object> found = new LinkedHashMap<>();
        DatabaseMetaData about = connection.getMetaData();
        found.put("databases", listed(about.getSchemas(), "TABLE_SCHEM"));
        found.put("tables", listed(about.getTables(null, "default", "%", null), "TABLE_NAME"));
        found.put("columns", columns(about, asked.table()));
        List<Object> answers = new ArrayList<>();
        for (Question one : asked.queries()) {
            answers.add(answer(one.sql()));
        }
        found.put("answers", answers);
        found.put("text", sent(asked.text()));
        found.put("long", streamed(asked.long_()));
        found.put("refused", refused(asked.write()));
        found.put("capped", capped(asked.long_()));
        return found;
    }

    private static List<String> listed(ResultSet rows, String column) throws SQLException {
        List<String> names = new ArrayList<>();
        while (rows.next()) {
            names.add(rows.getString(column));
        }
        return names;
    }

    private static List<List<String>> columns(DatabaseMetaData about, String table) throws SQLException {
        List<List<String>> columns = new ArrayList<>();
        ResultSet rows = about.getColumns(null, "default", table, "%");
        while (rows.next()) {
            columns.add(List.of(rows.getString("COLUMN_NAME"), rows.getString("TYPE_NAME")));
        }
        return columns;
    }

    private Map<String, Object> answer(String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet found = statement.executeQuery(sql)) {
            ResultSetMetaData about = found.getMetaData();
            List<String> names = new ArrayList<>();
            for (int at = 1; at <= about.getColumnCount(); at++) {
                names.add(about.getColumnName(at));
            }
            List<List<Object>> rows = new ArrayList<>();
            while (found.next()) {
                List<Object> row = new ArrayList<>();
                for (int at = 1; at <= names.size(); at++) {
                    row.add(value(found, at, about.getColumnTypeName(at)));
                }
                rows.add(row);
            }
            return Map.of("columns", names, "rows", rows);
        }
    }

    private static Object value(ResultSet row, int at, String type) throws SQLException {
        if (row.getObject(at) == null) {
            return null;
        }
        if (type.contains("DateTime")) {
            return row.getObject(at, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC).format(SECOND);
        }
        if (type.contains("Date")) {
            return row.getObject(at, LocalDate.class).toString();
        }
        if (type.startsWith("Array")) {
            return Arrays.asList((Object[]) row.getArray(at).getArray());
        }
        return row.getObject(at);
    }

    private String sent(String text) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT ? AS text")) {
            statement.setString(1, text);
            try (ResultSet found = statement.executeQuery()) {
                found.next();
                return found.getString("text");
            }
        }
    }

    private List<Long> streamed(String sql) throws SQLException {
        long rows = 0;
        long sum = 0;
        try (Statement statement = connection.createStatement(); ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                rows += 1;
                sum += found.getLong(1);
            }
        }
        return List.of(rows, sum);
    }

    /** How many rows there are where three are the most that are wanted, as a grid asks. */
    private int capped(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setMaxRows(3);
            try (ResultSet found = statement.executeQuery(sql)) {
                int rows = 0;
                while (found.next()) {
                    rows += 1;
                }
                return rows;
            }
        }
    }

    private String refused(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
            return "";
        } catch (SQLException error) {
            return error.getMessage();
        }
    }
}
