"""OpenSearch, Elasticsearch and OpenSearch Serverless as destinations, from both sides."""
