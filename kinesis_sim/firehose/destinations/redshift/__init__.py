"""Amazon Redshift as a destination: COPY of what was staged in S3, and a warehouse that runs it."""
