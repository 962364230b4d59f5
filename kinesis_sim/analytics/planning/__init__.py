"""From a query's tree to operators: ``planner`` is the way in, each clause has its own file."""
