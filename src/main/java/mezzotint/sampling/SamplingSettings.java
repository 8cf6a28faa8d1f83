package mezzotint.sampling;

/**
 * How pictures are drawn.
 *
 * @param grid the times
 * @param solver how a step is taken
 * @param guidance how strongly the prompt is followed
 * @param noise where it comes from
 * @param start noise alone, or a picture
 */
public record SamplingSettings(TimeGrid grid, Solver solver, Guidance guidance, InitialNoise noise, Start start) {
    /** A new picture by Euler's method from Philox noise. */
    public static SamplingSettings of(TimeGrid grid, Guidance guidance) {
        return new SamplingSettings(grid, Solver.EULER, guidance, new InitialNoise.Philox(), new Start.Noise());
    }

    /** On another grid. */
    public SamplingSettings withGrid(TimeGrid other) {
        return new SamplingSettings(other, solver, guidance, noise, start);
    }

    /** With another solver. */
    public SamplingSettings withSolver(Solver other) {
        return new SamplingSettings(grid, other, guidance, noise, start);
    }

    /** With other guidance. */
    public SamplingSettings withGuidance(Guidance other) {
        return new SamplingSettings(grid, solver, other, noise, start);
    }

    /** From other noise. */
    public SamplingSettings withNoise(InitialNoise other) {
        return new SamplingSettings(grid, solver, guidance, other, start);
    }

    /** From another start. */
    public SamplingSettings withStart(Start other) {
        return new SamplingSettings(grid, solver, guidance, noise, other);
    }
}
