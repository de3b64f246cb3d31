import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Books invoices: a model finds the total, a tool books it. It prints one trace a line, without an
 * SDK or a JSON library. Run it as {@code java App.java | bt import -p invoices}.
 */
public class App {
    record Invoice(String file, String text, String total) {}

    static final List<Invoice> INVOICES = List.of(
        new Invoice("scan-01.png", "Caf\u00e9 Sol\n2 espresso\nTotal 7.80 \u20ac", "7.80"),
        new Invoice("scan-02.png", "\"Print & Go\"\n\t500 flyers\nTotal 64.00 \u20ac", "64.00"),
        new Invoice("scan-03.png", "Thank you! \ud83d\ude42", "none"));

    static Map<String, Object> book(Invoice invoice, long start) {
        var scan = span("read_scan", "tool", times(start, 400),
            "input", object("file", invoice.file), "output", invoice.text);
        var prompt = span("build_prompt", "function", times(start + 400, 5),
            "input", invoice.text, "output", "Which total does this have?\n\n" + invoice.text);
        var model = span("ask_model", "llm", times(start + 405, 1200,
                "prompt_tokens", 7 + invoice.text.length() / 4, "completion_tokens", 2),
            "input", List.of(object("role", "user", "content", prompt.get("output"))),
            "output", List.of(object("role", "assistant", "content", invoice.total)),
            "metadata", object("model", "gpt-4o-mini", "temperature", 0));
        var extract = span("extract_total", "task", times(start + 400, 1205),
            "output", invoice.total, "children", List.of(prompt, model));
        var ledger = span("write_ledger", "tool", times(start + 1605, 95), "input", invoice.total);
        var root = span("book_invoice", "task", times(start, 1700),
            "input", invoice.file, "tags", List.of("invoice"));
        if (invoice.total.equals("none")) {
            ledger.put("error", "NumberFormatException: \"none\" is not an amount");
            root.put("error", "not booked: " + invoice.file);
        } else {
            ledger.put("output", object("booked", true));
            root.putAll(object("output", invoice.total, "scores", object("readable", 1)));
        }
        root.put("children", List.of(scan, extract, ledger));
        return root;
    }

    static Map<String, Object> span(String name, String type, Object metrics, Object... fields) {
        var span = object("name", name, "type", type, "metrics", metrics);
        span.putAll(object(fields));
        return span;
    }

    static Map<String, Object> times(long start, long millis, Object... counts) {
        var times = object("start", BigDecimal.valueOf(start, 3));
        times.put("end", BigDecimal.valueOf(start + millis, 3));
        times.putAll(object(counts));
        return times;
    }

    static Map<String, Object> object(Object... keysAndValues) {
        var object = new LinkedHashMap<String, Object>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            object.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return object;
    }

    static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                .map(entry -> json(entry.getKey()) + ":" + json(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(App::json).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof String text) {
            return text.chars().mapToObj(App::escaped).collect(Collectors.joining("", "\"", "\""));
        }
        return String.valueOf(value);
    }

    /** The character in plain ASCII, so that the terminal's encoding does not matter. */
    static String escaped(int c) {
        return switch (c) {
            case '"', '\\' -> "\\" + (char) c;
            case '\n' -> "\\n";
            default -> c < ' ' || c > '~' ? String.format("\\u%04x", c) : Character.toString(c);
        };
    }

    public static void main(String[] args) {
        long start = 1767261600000L; // the model and the clock are simulated
        for (var invoice : INVOICES) {
            System.out.print(json(book(invoice, start)) + "\n");
            start += 60_000;
        }
    }
}
