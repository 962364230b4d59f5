"""What Kinesis Lab costs, measured side by side with boto3 alone and with public peers."""
