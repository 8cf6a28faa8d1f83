package mezzotint;
import org.junit.jupiter.api.Test;
import static org.junit.jupiter.api.Assertions.*;
class FirstTest { @Test void runsOnJava25() { assertTrue(Runtime.version().feature() >= 25); } }
