package dompet.rival;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads canonical Avro from a byte array, field by field, and throws {@link Malformed} at the first byte that is not. */
final class AvroReader {
    /** A body that breaks its contract; without a stack trace, for it is an expected outcome. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private static final int MAX_ID_BYTES = 64;
    private static final int MAX_TEXT_BYTES = 512;
    private static final int NIK_DIGITS = 16;
    private static final long FIRST_TIME = 946_684_800_000_000L;
    private static final long TIMES_END = 4_102_444_800_000_000L;

    private final byte[] bytes;
    private int position;

    AvroReader(byte[] bytes, int position) {
        this.bytes = bytes;
        this.position = position;
    }

    /** A long in the shortest zigzag varint. */
    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = nextByte();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                boolean overlong = next == 0 && shift > 0 || shift == 63 && next > 1;
                require(!overlong, "overlong varint");
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new Malformed("varint of more than ten bytes");
    }

    /** A number, or null, from the union of null and long. */
    Long numberOrNull() {
        byte branch = nextByte();
        require(branch == 0 || branch == 2, "stray union branch");
        return branch == 0 ? null : number();
    }

    /** UTC microseconds from 2000-01-01 up to, not including, 2100-01-01. */
    long time() {
        long time = number();
        require(time >= FIRST_TIME && time < TIMES_END, "time out of range");
        return time;
    }

    /** 1 to 64 bytes of UTF-8 without control characters. */
    byte[] id() {
        int start = text(1, MAX_ID_BYTES, true);
        return Arrays.copyOfRange(bytes, start, position);
    }

    /** An id that is no national id number, which is exactly 16 digits. */
    byte[] pseudonym() {
        byte[] id = id();
        boolean nik = id.length == NIK_DIGITS;
        for (int i = 0; nik && i < NIK_DIGITS; i++) {
            nik = id[i] >= '0' && id[i] <= '9';
        }
        require(!nik, "a national id number");
        return id;
    }

    /** At most 512 bytes of UTF-8 without NUL. */
    byte[] freeText() {
        int start = text(0, MAX_TEXT_BYTES, false);
        return Arrays.copyOfRange(bytes, start, position);
    }

    /** Checks that the body ends here. */
    void end() {
        require(position == bytes.length, "bytes left over");
    }

    private int text(int minBytes, int maxBytes, boolean isId) {
        long length = number();
        require(length >= minBytes && length <= maxBytes && length <= bytes.length - position, "bad length of a text");
        int start = position;
        position += (int) length;
        for (int i = start; i < position; i++) {
            if (bytes[i] < ' ' || bytes[i] == 0x7f) {
                checkUnusual(start, isId);
                break;
            }
        }
        return start;
    }

    /** The slow look at a text with bytes other than printable ASCII. */
    private void checkUnusual(int start, boolean isId) {
        CharBuffer text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, position - start));
        } catch (CharacterCodingException e) {
            throw new Malformed("not UTF-8");
        }
        boolean forbidden = text.chars().anyMatch(c -> isId ? Character.isISOControl(c) : c == 0);
        require(!forbidden, "forbidden character");
    }

    private byte nextByte() {
        require(position < bytes.length, "body too short");
        return bytes[position++];
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new Malformed(message);
        }
    }
}
