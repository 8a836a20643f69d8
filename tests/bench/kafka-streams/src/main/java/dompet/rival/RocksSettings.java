package dompet.rival;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;

/** RocksDB for many small stores on one machine: writes stay in memory for long, nothing is compressed. */
public final class RocksSettings implements RocksDBConfigSetter {
    private static final long WRITE_BUFFER_BYTES = 32 << 20;

    @Override
    public void setConfig(String store, Options options, Map<String, Object> settings) {
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(2);
        options.setCompressionType(CompressionType.NO_COMPRESSION);
    }

    @Override
    public void close(String store, Options options) { }
}
