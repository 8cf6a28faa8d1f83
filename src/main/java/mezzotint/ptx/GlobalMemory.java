package mezzotint.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Global memory as one worker sees it: the pages it touched last, and its own shadow of them. */
final class GlobalMemory {
    private static final int VIEWS = 256;
    private static final PageView NOWHERE = new PageView(-1, null, 0, null, null, 0, null);

    private final Multiprocessor processor;
    private final DeviceMemory memory;
    private final PageView[] views = new PageView[VIEWS];
    private final Map<Long, Shadow> shadows = new HashMap<>();
    private final List<Long> touched = new ArrayList<>();
    private PageView last = NOWHERE;
    private long launch;

    GlobalMemory(Multiprocessor processor, DeviceMemory memory) {
        this.processor = processor;
        this.memory = memory;
        Arrays.fill(views, NOWHERE);
    }

    /** Forgets what was seen: between launches the host may have changed it. */
    void begin(long number) {
        launch = number;
        touched.clear();
        Arrays.fill(views, NOWHERE);
        last = NOWHERE;
    }

    void forget(Span span) {
        long first = span.base >>> DeviceMemory.PAGE_SHIFT;
        if (span.pages.length < shadows.size()) {
            for (int page = 0; page < span.pages.length; page++) {
                shadows.remove(first + page);
            }
        } else {
            shadows.keySet().removeIf(key -> key >= first && key < first + span.pages.length);
        }
    }

    void clearShadows() {
        shadows.values().forEach(Shadow::clear);
    }

    /** The pages touched in this launch, by the upper bits of their addresses. */
    List<Long> touched() {
        return touched;
    }

    boolean touches(long key) {
        Shadow shadow = shadows.get(key);
        return shadow != null && shadow.touched == launch;
    }

    Shadow shadow(long key) {
        return shadows.get(key);
    }

    /** The view of the page at an address, or null when no span is there. */
    private PageView view(long address) {
        long key = address >>> DeviceMemory.PAGE_SHIFT;
        int slot = (int) (key ^ key >>> 26) & VIEWS - 1;
        PageView view = views[slot];
        if (view.key() != key) {
            view = open(address, key);
            if (view == null) {
                return null;
            }
            views[slot] = view;
        }
        last = view;
        return view;
    }

    private PageView open(long address, long key) {
        Span span = memory.find(address);
        long offset = span == null ? -1 : address - span.base;
        if (span == null || offset >= span.bytes) {
            return null;
        }
        int page = (int) (offset >>> DeviceMemory.PAGE_SHIFT);
        int limit = span.size(page);
        Shadow shadow = null;
        if (processor.options.checks()) {
            shadow = shadows.computeIfAbsent(key, _ -> new Shadow(limit));
            if (shadow.touched != launch) {
                shadow.touched = launch;
                touched.add(key);
            }
        }
        return new PageView(key, span, page, span.page(page), span.valid[page], limit, shadow);
    }

    /** Finds the bytes at the warp's addresses and checks them; gives the lanes that may go on. */
    int reach(Warp w, int m, int bytes, Sanitizer.Mode mode) {
        return reach(w, m, bytes, bytes, mode);
    }

    /** The same for a number of bytes that is no power of two, or less than the alignment asks for. */
    int reach(Warp w, int m, int bytes, int align, Sanitizer.Mode mode) {
        int ok = locate(w, m, bytes, align);
        if (ok != 0) {
            processor.traffic.global(processor.counters, w.current.pc, w.address, ok, bytes);
            if (processor.options.checks()) {
                check(w, ok, bytes, mode);
            }
        }
        return ok;
    }

    private int locate(Warp w, int m, int bytes, int align) {
        PageView view = last;
        byte[] page = null;
        boolean single = true;
        int ok = m;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int lane = Lanes.next(rest);
            long a = w.address[lane];
            if (a >>> DeviceMemory.PAGE_SHIFT != view.key()) {
                view = view(a);
            }
            int at = (int) a & DeviceMemory.PAGE - 1;
            if (view == null || at + bytes > view.limit() || (a & align - 1) != 0) {
                bad(w, lane, a, bytes);
                ok &= ~(1 << lane);
                view = last;
                continue;
            }
            w.at[lane] = at;
            w.views[lane] = view;
            single &= page == null || page == view.data();
            page = view.data();
        }
        w.page = single ? page : null;
        if (!single) {
            for (int rest = ok; rest != 0; rest &= rest - 1) {
                int lane = Lanes.next(rest);
                w.pages[lane] = w.views[lane].data();
            }
        }
        return ok;
    }

    private void bad(Warp w, int lane, long a, int bytes) {
        Span span = memory.find(a);
        boolean inside = span != null && a - span.base + bytes <= span.bytes;
        String where = span == null
                ? "no span is there"
                : "byte %d of a span of %d bytes".formatted(a - span.base, span.bytes);
        processor.findings.report(
                inside ? FindingKind.MISALIGNED : FindingKind.OUT_OF_BOUNDS,
                w,
                lane,
                "%d bytes of global memory at 0x%x: %s".formatted(bytes, a, where));
    }

    private void check(Warp w, int m, int bytes, Sanitizer.Mode mode) {
        for (int rest = m; rest != 0; ) {
            PageView view = w.views[Lanes.next(rest)];
            int here = w.page != null ? rest : 0;
            for (int others = w.page != null ? 0 : rest; others != 0; others &= others - 1) {
                int lane = Lanes.next(others);
                here |= w.views[lane].key() == view.key() ? 1 << lane : 0;
            }
            check(w, here, bytes, mode, view);
            rest &= ~here;
        }
    }

    private void check(Warp w, int m, int bytes, Sanitizer.Mode mode, PageView view) {
        Sanitizer sanitizer = processor.sanitizer;
        if (mode == Sanitizer.Mode.READ || mode == Sanitizer.Mode.READ_ONLY) {
            boolean readOnly = mode == Sanitizer.Mode.READ_ONLY;
            sanitizer.read(w, m, view.shadow(), bytes, view.valid(), readOnly);
        } else {
            view.shadow().written = launch;
            sanitizer.write(w, m, w.globalTime, view.shadow(), bytes, mode == Sanitizer.Mode.ATOMIC);
        }
    }

    /** Marks what the launch wrote as written, for the launches to come. */
    void publish(long floor) {
        for (long key : touched) {
            Shadow shadow = shadows.get(key);
            if (shadow.written == launch) {
                Span span = memory.find(key << DeviceMemory.PAGE_SHIFT);
                publish(
                        span,
                        (int) (key & (1L << DeviceMemory.SPAN_SHIFT - DeviceMemory.PAGE_SHIFT) - 1),
                        shadow,
                        floor);
            }
        }
    }

    private static void publish(Span span, int page, Shadow shadow, long floor) {
        if (span.valid[page] == Span.ALL) {
            return;
        }
        byte[] bits = span.own(page);
        long[] writes = shadow.writes;
        int bytes = 1 << shadow.shift;
        int mask = (1 << bytes) - 1;
        for (int c = 0; c < writes.length; c++) {
            if (writes[c] >= floor) {
                int first = c << shadow.shift;
                bits[first >> 2] |= (byte) (mask << (first & 3));
            }
        }
        span.settle(page);
    }
}
