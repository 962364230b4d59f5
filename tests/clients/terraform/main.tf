terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
  max_retries                 = 3
}
variable "shards" { default = 2 }
variable "mode" { default = "PROVISIONED" }
variable "retention" { default = 24 }
variable "metrics" {
  type    = list(string)
  default = []
}
variable "enc" { default = "NONE" }
variable "key" { default = null }
variable "tags" {
  type    = map(string)
  default = { Name = "tf" }
}
resource "aws_kinesis_stream" "s" {
  name                = "tf-stream"
  shard_count         = var.mode == "PROVISIONED" ? var.shards : null
  retention_period    = var.retention
  shard_level_metrics = var.metrics
  encryption_type     = var.enc
  kms_key_id          = var.key
  stream_mode_details { stream_mode = var.mode }
  enforce_consumer_deletion = true
  tags                      = var.tags
}
resource "aws_kinesis_stream_consumer" "c" {
  name       = "tf-consumer"
  stream_arn = aws_kinesis_stream.s.arn
}
data "aws_iam_policy_document" "p" {
  statement {
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }
    actions   = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecord"]
    resources = [aws_kinesis_stream.s.arn]
  }
}
resource "aws_kinesis_resource_policy" "p" {
  resource_arn = aws_kinesis_stream.s.arn
  policy       = data.aws_iam_policy_document.p.json
}
resource "aws_s3_bucket" "b" { bucket = "terraform-bucket-kinesis-lab" }
resource "aws_iam_role" "r" {
  name               = "tf-role"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["firehose.amazonaws.com", "lambda.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
}
variable "prefix" { default = null }
variable "eprefix" { default = null }
variable "bsize" { default = 5 }
variable "binterval" { default = 300 }
variable "compression" { default = "UNCOMPRESSED" }
variable "tz" { default = "UTC" }
variable "ext" { default = null }
variable "backup" { default = "Disabled" }
variable "logs" {
  type    = bool
  default = false
}
variable "procs" {
  type    = list(object({ type = string, parameters = map(string) }))
  default = []
}
resource "aws_kinesis_firehose_delivery_stream" "f" {
  name        = "tf-hose"
  destination = "extended_s3"
  tags        = var.tags
  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.s.arn
    role_arn           = aws_iam_role.r.arn
  }
  extended_s3_configuration {
    role_arn            = aws_iam_role.r.arn
    bucket_arn          = aws_s3_bucket.b.arn
    prefix              = var.prefix
    error_output_prefix = var.eprefix
    buffering_size      = var.bsize
    buffering_interval  = var.binterval
    compression_format  = var.compression
    custom_time_zone    = var.tz
    file_extension      = var.ext
    s3_backup_mode      = var.backup
    dynamic "s3_backup_configuration" {
      for_each = var.backup == "Enabled" ? [1] : []
      content {
        role_arn   = aws_iam_role.r.arn
        bucket_arn = aws_s3_bucket.b.arn
        prefix     = "backup/"
      }
    }
    dynamic "cloudwatch_logging_options" {
      for_each = var.logs ? [1] : []
      content {
        enabled         = true
        log_group_name  = "/aws/kinesisfirehose/tf"
        log_stream_name = "S3"
      }
    }
    dynamic "processing_configuration" {
      for_each = length(var.procs) > 0 ? [1] : []
      content {
        enabled = true
        dynamic "processors" {
          for_each = var.procs
          content {
            type = processors.value.type
            dynamic "parameters" {
              for_each = processors.value.parameters
              content {
                parameter_name  = parameters.key
                parameter_value = parameters.value
              }
            }
          }
        }
      }
    }
  }
}
variable "sse" {
  type    = bool
  default = false
}
resource "aws_kinesis_firehose_delivery_stream" "d" {
  name        = "tf-direct"
  destination = "http_endpoint"
  server_side_encryption {
    enabled = var.sse
  }
  http_endpoint_configuration {
    url                = "https://localhost:1/x"
    name               = "probe"
    access_key         = "my-key"
    buffering_size     = 5
    buffering_interval = 60
    retry_duration     = 60
    role_arn           = aws_iam_role.r.arn
    s3_backup_mode     = "FailedDataOnly"
    s3_configuration {
      role_arn   = aws_iam_role.r.arn
      bucket_arn = aws_s3_bucket.b.arn
    }
    request_configuration {
      content_encoding = "GZIP"
      common_attributes {
        name  = "a"
        value = "b"
      }
    }
  }
}
variable "alarm" { default = 1000 }
resource "aws_cloudwatch_metric_alarm" "a" {
  alarm_name          = "lag"
  namespace           = "AWS/Kinesis"
  metric_name         = "GetRecords.IteratorAgeMilliseconds"
  dimensions          = { StreamName = aws_kinesis_stream.s.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = var.alarm
  comparison_operator = "GreaterThanThreshold"
}
