"""What the exercises of each lesson look at: one module a lesson, one function an exercise."""
