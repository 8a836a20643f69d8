package dompet.rival;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes one row after another in ClickHouse's RowBinary, value by value. */
final class RowWriter {
    private static final int VARINT_BYTES = 5;
    private ByteBuffer out = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);

    RowWriter begin() {
        out.clear();
        return this;
    }

    /** The row. */
    byte[] bytes() {
        return Arrays.copyOf(out.array(), out.position());
    }

    RowWriter int8(int value) {
        reserve(Byte.BYTES).put((byte) value);
        return this;
    }

    RowWriter int32(int value) {
        reserve(Integer.BYTES).putInt(value);
        return this;
    }

    RowWriter int64(long value) {
        reserve(Long.BYTES).putLong(value);
        return this;
    }

    RowWriter int64OrNull(Long value) {
        return value == null ? int8(1) : int8(0).int64(value);
    }

    RowWriter text(byte[] text) {
        reserve(VARINT_BYTES + text.length);
        int length = text.length;
        for (; length >= 0x80; length >>>= 7) {
            out.put((byte) (length | 0x80));
        }
        out.put((byte) length).put(text);
        return this;
    }

    /** So many numbers that are 0. */
    RowWriter zeros(int count) {
        reserve(count * Long.BYTES);
        for (int i = 0; i < count; i++) {
            out.putLong(0);
        }
        return this;
    }

    /** So many texts that are empty. */
    RowWriter empty(int count) {
        reserve(count);
        for (int i = 0; i < count; i++) {
            out.put((byte) 0);
        }
        return this;
    }

    private ByteBuffer reserve(int bytes) {
        if (out.remaining() < bytes) {
            ByteBuffer larger = ByteBuffer.allocate(2 * out.capacity() + bytes).order(ByteOrder.LITTLE_ENDIAN);
            out = larger.put(out.flip());
        }
        return out;
    }
}
