package kinesislab;

/** Ends the process with the work: the libraries leave threads behind, and they would keep a failed one alive. */
final class Main {
    private Main() {}

    /** What a program does. */
    interface Work {
        void run() throws Exception;
    }

    static void run(Work work) {
        try {
            work.run();
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }
}
