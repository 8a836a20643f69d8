package dompet.rival;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the command line says; {@code output} is null where no wallets are to be written, {@code journal}, the topic of
 * the journal, where none is kept.
 */
record Options(String bootstrapServers, String topic, String applicationId, Path stateDir, Path output,
               String journal) {
    /** A sentence for the one who called, without a stack trace. */
    static final class BadInput extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadInput(String message) {
            super(message);
        }
    }

    private static final Set<String> NAMES =
        Set.of("--bootstrap-servers", "--topic", "--application-id", "--state-dir", "--output", "--journal");

    /** Reads pairs of a name and its value. */
    static Options parse(String[] args) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!NAMES.contains(args[i]) || i + 1 == args.length) {
                throw new BadInput("expected pairs of an option and its value, found " + args[i]);
            }
            values.put(args[i], args[i + 1]);
        }
        String output = values.get("--output");
        return new Options(
            required(values, "--bootstrap-servers"), required(values, "--topic"), required(values, "--application-id"),
            Path.of(required(values, "--state-dir")), output == null ? null : Path.of(output),
            values.get("--journal"));
    }

    private static String required(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new BadInput("option " + name + " is missing");
        }
        return value;
    }
}
