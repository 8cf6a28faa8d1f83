package mezzotint.ptx;

import java.util.Arrays;

/** One allocation: its bytes, and which of them have been written. */
final class Span {
    /** What is done to the part of a page that an operation covers. */
    interface PagePart {
        /**
         * @param at first byte in the page
         * @param done bytes of the operation before this part
         */
        void on(int page, int at, long done, int count);
    }

    private static final int WORDS = DeviceMemory.PAGE / 4;
    /** No byte of the page has been written. */
    static final byte[] NONE = new byte[WORDS];
    /** All bytes have. */
    static final byte[] ALL = all();

    final long base;
    final long bytes;
    final byte[][] pages;
    /** For each word of a page four bits, one a byte, that say whether it has been written. */
    final byte[][] valid;

    Span(long base, long bytes) {
        this.base = base;
        this.bytes = bytes;
        int count = (int) (bytes + DeviceMemory.PAGE - 1 >>> DeviceMemory.PAGE_SHIFT);
        this.pages = new byte[count][];
        this.valid = new byte[count][];
        Arrays.fill(valid, NONE);
    }

    private static byte[] all() {
        byte[] all = new byte[WORDS];
        Arrays.fill(all, (byte) 15);
        return all;
    }

    /** The bytes of a page, made when first wanted. */
    byte[] page(int page) {
        byte[] data = pages[page];
        return data != null ? data : make(page);
    }

    private synchronized byte[] make(int page) {
        if (pages[page] == null) {
            pages[page] = new byte[size(page)];
        }
        return pages[page];
    }

    /** Bytes of a page that belong to the span. */
    int size(int page) {
        return (int) Math.min(DeviceMemory.PAGE, bytes - ((long) page << DeviceMemory.PAGE_SHIFT));
    }

    void eachPage(long offset, long count, PagePart part) {
        for (long done = 0; done < count; ) {
            long from = offset + done;
            int at = (int) from & DeviceMemory.PAGE - 1;
            int here = (int) Math.min(DeviceMemory.PAGE - at, count - done);
            part.on((int) (from >>> DeviceMemory.PAGE_SHIFT), at, done, here);
            done += here;
        }
    }

    void setValid(int page, int at, int count) {
        if (valid[page] == ALL) {
            return;
        }
        if (count == size(page)) {
            valid[page] = ALL;
            return;
        }
        mark(own(page), at, count, true);
    }

    void setInvalid(int page, int at, int count) {
        if (valid[page] == NONE) {
            return;
        }
        if (count == size(page)) {
            valid[page] = NONE;
            return;
        }
        mark(own(page), at, count, false);
    }

    /** A page's bits in an array of its own, so that they can change. */
    byte[] own(int page) {
        if (valid[page] == NONE || valid[page] == ALL) {
            valid[page] = valid[page].clone();
        }
        return valid[page];
    }

    private static void mark(byte[] bits, int at, int count, boolean on) {
        int end = at + count;
        int i = at;
        while (i < end) {
            if ((i & 3) == 0 && end - i >= 4) {
                int words = end - i >> 2;
                Arrays.fill(bits, i >> 2, (i >> 2) + words, on ? (byte) 15 : 0);
                i += 4 * words;
            } else {
                int bit = 1 << (i & 3);
                bits[i >> 2] = (byte) (on ? bits[i >> 2] | bit : bits[i >> 2] & ~bit);
                i++;
            }
        }
    }

    boolean isValid(int page, int at) {
        return (valid[page][at >> 2] >>> (at & 3) & 1) != 0;
    }

    /** Notes that all bytes of a page have been written, if they have. */
    void settle(int page) {
        if (firstInvalid(page, 0, size(page)) < 0) {
            valid[page] = ALL;
        }
    }

    /** The first byte of a part of a page that has not been written, or −1. */
    int firstInvalid(int page, int at, int count) {
        if (valid[page] == ALL) {
            return -1;
        }
        byte[] bits = valid[page];
        for (int i = at; i < at + count; ) {
            if ((i & 3) == 0 && i + 4 <= at + count && bits[i >> 2] == 15) {
                i += 4;
            } else if (isValid(page, i)) {
                i++;
            } else {
                return i;
            }
        }
        return -1;
    }

    void copyValid(int page, int at, Span from, int fromPage, int fromAt, int count) {
        if (from.valid[fromPage] == ALL) {
            setValid(page, at, count);
            return;
        }
        byte[] bits = own(page);
        for (int i = 0; i < count; i++) {
            int bit = 1 << (at + i & 3);
            int word = at + i >> 2;
            bits[word] = (byte) (from.isValid(fromPage, fromAt + i) ? bits[word] | bit : bits[word] & ~bit);
        }
    }
}
