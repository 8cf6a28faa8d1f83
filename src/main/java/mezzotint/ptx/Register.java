package mezzotint.ptx;

/** A register that a routine declares; compared by identity, since two scopes may use one name. */
final class Register {
    final String name;
    final PtxType type;

    Register(String name, PtxType type) {
        this.name = name;
        this.type = type;
    }
}
