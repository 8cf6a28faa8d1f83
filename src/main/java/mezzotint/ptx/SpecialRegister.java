package mezzotint.ptx;

import java.util.HashMap;
import java.util.Map;
import mezzotint.kernel.cuda.LaunchGrid;

/** The 32-bit registers that tell a thread where it is. */
enum SpecialRegister {
    TID_X("%tid.x"),
    TID_Y("%tid.y"),
    TID_Z("%tid.z"),
    NTID_X("%ntid.x"),
    NTID_Y("%ntid.y"),
    NTID_Z("%ntid.z"),
    CTAID_X("%ctaid.x"),
    CTAID_Y("%ctaid.y"),
    CTAID_Z("%ctaid.z"),
    NCTAID_X("%nctaid.x"),
    NCTAID_Y("%nctaid.y"),
    NCTAID_Z("%nctaid.z"),
    LANEID("%laneid"),
    WARPID("%warpid"),
    NWARPID("%nwarpid"),
    SMID("%smid"),
    NSMID("%nsmid"),
    GRIDID("%gridid"),
    LANEMASK_EQ("%lanemask_eq"),
    LANEMASK_LE("%lanemask_le"),
    LANEMASK_LT("%lanemask_lt"),
    LANEMASK_GE("%lanemask_ge"),
    LANEMASK_GT("%lanemask_gt"),
    DYNAMIC_SMEM_SIZE("%dynamic_smem_size"),
    TOTAL_SMEM_SIZE("%total_smem_size"),
    CLOCK("%clock"),
    WARP_SZ("WARP_SZ");

    private static final Map<String, SpecialRegister> BY_WORD = new HashMap<>();

    static {
        for (SpecialRegister register : values()) {
            BY_WORD.put(register.word, register);
        }
    }

    private final String word;

    SpecialRegister(String word) {
        this.word = word;
    }

    /** The register of this name, or null. */
    static SpecialRegister of(String word) {
        return BY_WORD.get(word);
    }

    /** Its value for one lane. */
    int value(Block block, int warp, int lane) {
        int thread = warp * 32 + lane;
        LaunchGrid g = block.grid();
        return switch (this) {
            case TID_X -> thread % g.threadsX();
            case TID_Y -> thread / g.threadsX() % g.threadsY();
            case TID_Z -> thread / (g.threadsX() * g.threadsY());
            case NTID_X -> g.threadsX();
            case NTID_Y -> g.threadsY();
            case NTID_Z -> g.threadsZ();
            case CTAID_X -> block.x();
            case CTAID_Y -> block.y();
            case CTAID_Z -> block.z();
            case NCTAID_X -> g.x();
            case NCTAID_Y -> g.y();
            case NCTAID_Z -> g.z();
            case LANEID -> lane;
            case WARPID -> warp;
            case NWARPID -> (g.threads() + 31) / 32;
            case SMID, GRIDID, CLOCK -> 0;
            case NSMID -> 1;
            case LANEMASK_EQ -> 1 << lane;
            case LANEMASK_LE -> (2 << lane) - 1;
            case LANEMASK_LT -> (1 << lane) - 1;
            case LANEMASK_GE -> -1 << lane;
            case LANEMASK_GT -> -2 << lane;
            case DYNAMIC_SMEM_SIZE -> g.sharedBytes();
            case TOTAL_SMEM_SIZE -> block.sharedBytes();
            case WARP_SZ -> 32;
        };
    }
}
