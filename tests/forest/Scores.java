import com.amazon.randomcutforest.RandomCutForest;
import java.io.BufferedReader;
import java.io.InputStreamReader;

/** Scores rows of numbers from standard input with AWS's own forest, one score a line. */
public final class Scores {
    public static void main(String[] args) throws Exception {
        int columns = Integer.parseInt(args[0]);
        int shingle = Integer.parseInt(args[1]);
        double decay = Double.parseDouble(args[2]);
        RandomCutForest forest = RandomCutForest.builder()
                .dimensions(columns * shingle).shingleSize(shingle)
                .numberOfTrees(100).sampleSize(256).timeDecay(1 / decay)
                .outputAfter(1).initialAcceptFraction(1.0).internalShinglingEnabled(true)
                .parallelExecutionEnabled(false).randomSeed(Long.parseLong(args[3])).build();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split(",");
            float[] point = new float[columns];
            for (int at = 0; at < columns; at++) {
                point[at] = Float.parseFloat(parts[at]);
            }
            System.out.println(forest.getAnomalyScore(point));
            forest.update(point);
        }
    }
}
