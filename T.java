import mezzotint.kernel.cpu.*; import mezzotint.tensor.*; import java.lang.management.*;
public class T { public static void main(String[] a){
 var os=(com.sun.management.OperatingSystemMXBean)ManagementFactory.getOperatingSystemMXBean();
 try(var d=CpuDevice.open(CpuOptions.best().withThreads(1)); var ar=d.arena(1L<<29)){
  for(int m:new int[]{1,2,64,256,1024}) for(DType t:new DType[]{DType.F32,DType.BF16,DType.F16}){
   int n=6272,k=1792; long mark=ar.mark();
   Tensor x=ar.zeros(Shape.of(m,k),DType.F32), w=ar.zeros(Shape.of(n,k),t), y=ar.zeros(Shape.of(m,n),DType.F32);
   int reps=m>200?3:10; long best=Long.MAX_VALUE;
   for(int r=0;r<reps+12;r++){ long s=os.getProcessCpuTime(); d.kernels().matmul().multiply(y,x,w,null,false,true,false); long e=os.getProcessCpuTime()-s; best=Math.min(best,e);}
   System.out.printf("m %d %s %.1f ms cpu  %.1f GFLOP/s%n",m,t,best*1e-6,2.0*m*n*k/best); ar.release(mark);
  }}}}
