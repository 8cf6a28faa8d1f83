import java.lang.foreign.*; import java.nio.channels.*; import java.nio.file.*; import java.lang.management.*; import java.nio.*;
public class T { static long touch(MemorySegment s){ long sum=0; for(long i=0;i<s.byteSize();i+=64) sum+=s.get(ValueLayout.JAVA_BYTE,i); return sum; }
 public static void main(String[] a) throws Exception{
 var os=(com.sun.management.OperatingSystemMXBean)ManagementFactory.getOperatingSystemMXBean();
 Path p=Path.of(a[0]); long block=144L<<20; 
 try(var c=FileChannel.open(p); var ar=Arena.ofShared()){
  long n=Math.min(16,c.size()/block); MemorySegment m=c.map(FileChannel.MapMode.READ_ONLY,0,n*block,ar);
  long s,w; long x=0;
  for(int r=0;r<3;r++){
  s=os.getProcessCpuTime();w=System.nanoTime(); for(int i=0;i<n;i++) x+=touch(m.asSlice(i*block,block)); System.out.printf("mapped, first or resident: cpu %.2f wall %.2f%n",(os.getProcessCpuTime()-s)*1e-9,(System.nanoTime()-w)*1e-9);
  }
  for(int r=0;r<3;r++){
  s=os.getProcessCpuTime();w=System.nanoTime(); for(int i=0;i<n;i++){ var q=m.asSlice(i*block,block); x+=touch(q); q.unload();} System.out.printf("mapped, let go after: cpu %.2f wall %.2f%n",(os.getProcessCpuTime()-s)*1e-9,(System.nanoTime()-w)*1e-9);
  }
  ByteBuffer b=ByteBuffer.allocateDirect((int)block); MemorySegment bs=MemorySegment.ofBuffer(b);
  for(int r=0;r<3;r++){
  s=os.getProcessCpuTime();w=System.nanoTime(); for(int i=0;i<n;i++){ b.clear(); long at=i*block; while(b.hasRemaining()) c.read(b,at+b.position()); x+=touch(bs);} System.out.printf("read into one buffer: cpu %.2f wall %.2f%n",(os.getProcessCpuTime()-s)*1e-9,(System.nanoTime()-w)*1e-9);
  }
  System.out.println(x);
 }}}
