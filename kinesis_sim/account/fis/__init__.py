"""AWS Fault Injection Service, as far as its actions strike what is simulated here."""
