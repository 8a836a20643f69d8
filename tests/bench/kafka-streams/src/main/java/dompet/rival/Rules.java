package dompet.rival;

import java.time.LocalDate;
import java.time.MonthDay;
import java.util.List;

/**
 * What the five event types need of the programme's dated rules, whose home is schemas/rules.toml.
 * {@code number} is the place in {@link #SETS}; {@code from} is in UTC microseconds.
 */
record Rules(int number, String name, long from, int maxCredits, int firstPurchaseDays, MonthDay spendBy,
             boolean oneOpenCourse, long commissionCapBp, long minCompletionMinutes, boolean redemptionRequired,
             boolean attendanceRequired) {
    static final long DAY_US = 86_400_000_000L;
    static final long MINUTE_US = 60_000_000L;
    /** Asia/Jakarta, which has kept this offset since 1964. */
    private static final long JAKARTA_OFFSET_US = 7 * 60 * MINUTE_US;
    private static final MonthDay DECEMBER_15 = MonthDay.of(12, 15);

    /** The sets, oldest first. */
    static final List<Rules> SETS = List.of(
        new Rules(0, "2020", startOf(LocalDate.of(2020, 4, 1)), 1, 30, DECEMBER_15, true, 1500, 60, false, false),
        new Rules(1, "2023", startOf(LocalDate.of(2023, 1, 1)), 1, 15, DECEMBER_15, true, 1500, 900, true, true));

    /** The set in force at a time, or null before the first. */
    static Rules at(long time) {
        for (int i = SETS.size() - 1; i >= 0; i--) {
            if (time >= SETS.get(i).from) {
                return SETS.get(i);
            }
        }
        return null;
    }

    /** The last microsecond in which a wallet first credited at a time may spend. */
    long spendByFor(long creditedAt) {
        int year = LocalDate.ofEpochDay(Math.floorDiv(creditedAt + JAKARTA_OFFSET_US, DAY_US)).getYear();
        long end = endOf(spendBy.atYear(year));
        return creditedAt > end ? endOf(spendBy.atYear(year + 1)) : end;
    }

    private static long endOf(LocalDate day) {
        return startOf(day.plusDays(1)) - 1;
    }

    private static long startOf(LocalDate day) {
        return day.toEpochDay() * DAY_US - JAKARTA_OFFSET_US;
    }
}
