package mezzotint.kernel.cuda;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;

/** A CUDA graph, ready to run. */
final class JCudaGraph implements CudaGraph {
    private final JCudaDriver driver;
    private final CUgraphExec executable = new CUgraphExec();
    private final int size;

    /** @param recorded what was captured; destroyed here */
    JCudaGraph(JCudaDriver driver, CUgraph recorded) {
        this.driver = driver;
        long[] nodes = {0};
        try {
            driver.faults().check(cuGraphGetNodes(recorded, null, nodes), "counting what was captured");
            driver.faults()
                    .check(cuGraphInstantiate(executable, recorded, 0), "graph of %d launches and copies", nodes[0]);
        } finally {
            cuGraphDestroy(recorded); // its status is the same as of the failure before, if there was one
        }
        size = Math.toIntExact(nodes[0]);
    }

    @Override
    public void launch(CudaStream stream) {
        driver.bind();
        driver.faults().check(cuGraphLaunch(executable, (JCudaStream) stream), "launch of a graph of %d nodes", size);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void close() {
        if (driver.bindToRelease()) {
            driver.faults().check(cuGraphExecDestroy(executable), "closing a graph");
        }
    }
}
