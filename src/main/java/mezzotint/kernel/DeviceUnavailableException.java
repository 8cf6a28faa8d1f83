package mezzotint.kernel;

/** A device, or a part of one that was asked for by name, cannot be had here; the message says what, why and the remedy. */
public final class DeviceUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param what what was asked for, by its name
     * @param why what is missing
     * @param remedy what a user can do
     */
    public DeviceUnavailableException(String what, String why, String remedy) {
        super("%s cannot be used: %s; %s".formatted(what, why, remedy));
    }

    /** As above, with the failure that showed it. */
    public DeviceUnavailableException(String what, String why, String remedy, Throwable cause) {
        super("%s cannot be used: %s; %s".formatted(what, why, remedy), cause);
    }
}
