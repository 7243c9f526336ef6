import ai.abstraction.HeavyRush;
import ai.abstraction.LightRush;
import ai.abstraction.RangedRush;
import ai.abstraction.WorkerRush;
import ai.core.AI;
import java.lang.management.ManagementFactory;
import rts.GameState;
import rts.PhysicalGameState;
import rts.units.UnitTypeTable;

/** Plays microRTS's own rush bots against each other and prints the ticks per second of this thread's CPU time. */
public class MicroRts {
    public static void main(String[] arguments) throws Exception {
        String map = arguments[0], first = arguments[1], second = arguments[2];
        double seconds = Double.parseDouble(arguments[3]);
        play(map, first, second, seconds);
        System.out.println(play(map, first, second, seconds));
    }

    private static double play(String map, String first, String second, double seconds) throws Exception {
        UnitTypeTable table = new UnitTypeTable(UnitTypeTable.VERSION_ORIGINAL_FINETUNED);
        long start = cpu(), ticks = 0;
        while (cpu() - start < seconds * 1e9) {
            GameState game = new GameState(PhysicalGameState.load(map, table), table);
            AI one = bot(first, table), two = bot(second, table);
            boolean over = false;
            for (int tick = 0; tick < 2000 && !over; tick++, ticks++) {
                game.issueSafe(one.getAction(0, game));
                game.issueSafe(two.getAction(1, game));
                over = game.cycle();
            }
        }
        return ticks / ((cpu() - start) / 1e9);
    }

    private static AI bot(String name, UnitTypeTable table) {
        switch (name) {
            case "worker_rush": return new WorkerRush(table);
            case "light_rush": return new LightRush(table);
            case "heavy_rush": return new HeavyRush(table);
            default: return new RangedRush(table);
        }
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
