package mezzotint.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code mezzotint doctor}. */
@Command(
        name = "doctor",
        description = "Says what this machine and this Java have for Mezzotint, what it uses and why, and what to do "
                + "about the rest.%n")
final class DoctorCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        for (MachineReport.Finding finding : new MachineReport(deviceOptions).findings()) {
            console.out().println("%-17s %s".formatted(finding.what(), finding.found()));
            finding.remedy().ifPresent(remedy -> console.out().println("%-17s   → %s".formatted("", remedy)));
        }
        return ExitCode.OK;
    }
}
