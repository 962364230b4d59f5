// The job of job.py, done by the AWS SDK for Go v2: job ENDPOINT JOB_FILE
// Its report goes to standard output as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

type job struct {
	Stream          string
	Shards          int32
	Keys            []string
	RecordsPerPhase int
	RecordsPerCall  int
	Consumer        string
	Live            []string
}

type row [3]string // partition key, text, sequence number

type readShard struct {
	Id       string   `json:"id"`
	Parents  []string `json:"parents"`
	Children []string `json:"children"`
	Records  []row    `json:"records"`
}

type report struct {
	Acknowledged []row            `json:"acknowledged"`
	Shards       []readShard      `json:"shards"`
	Pushed       map[string][]row `json:"pushed"`
	Live         []string         `json:"live"`
	Refused      string           `json:"refused"`
}

const patience = 60 * time.Second

var (
	ctx    = context.Background()
	client *kinesis.Client
	todo   job
)

// must gives a call's answer; an error ends the program, with what it says.
func must[T any](answer T, err error) T {
	check(err)
	return answer
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	check(json.Unmarshal(must(os.ReadFile(os.Args[2])), &todo))
	endpoint := aws.EndpointResolverWithOptionsFunc(func(string, string, ...interface{}) (aws.Endpoint, error) {
		return aws.Endpoint{URL: os.Args[1]}, nil
	})
	client = kinesis.NewFromConfig(aws.Config{
		Region:                      "us-east-1",
		Credentials:                 credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "example-secret-key", ""),
		EndpointResolverWithOptions: endpoint,
	})
	must(client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &todo.Stream, ShardCount: &todo.Shards}))
	done := report{Acknowledged: produce(0), Pushed: map[string][]row{}}
	first, neighbour := shards()[0], shards()[1]
	must(client.SplitShard(ctx, &kinesis.SplitShardInput{
		StreamName: &todo.Stream, ShardToSplit: first.ShardId, NewStartingHashKey: middle(first),
	}))
	done.Acknowledged = append(done.Acknowledged, produce(1)...)
	now := shards()
	must(client.MergeShards(ctx, &kinesis.MergeShardsInput{
		StreamName: &todo.Stream, ShardToMerge: now[len(now)-1].ShardId, AdjacentShardToMerge: neighbour.ShardId,
	}))
	done.Acknowledged = append(done.Acknowledged, produce(2)...)
	for _, shard := range shards() {
		done.Shards = append(done.Shards, read(shard))
	}
	subscribe(&done)
	_, err := client.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: aws.String("nobody")})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		done.Refused = missing.ErrorMessage()
	}
	check(json.NewEncoder(os.Stdout).Encode(done))
}

func produce(phase int) []row {
	var acknowledged []row
	end := (phase + 1) * todo.RecordsPerPhase
	for from := phase * todo.RecordsPerPhase; from < end; from += todo.RecordsPerCall {
		var entries []types.PutRecordsRequestEntry
		for n := from; n < from+todo.RecordsPerCall && n < end; n++ {
			key := todo.Keys[n%len(todo.Keys)]
			data := []byte(fmt.Sprintf("%s:%d", key, n))
			entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: &key, Data: data})
		}
		answer := must(client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &todo.Stream, Records: entries}))
		for i, entry := range entries {
			number := *answer.Records[i].SequenceNumber
			acknowledged = append(acknowledged, row{*entry.PartitionKey, string(entry.Data), number})
		}
	}
	return acknowledged
}

func shards() []types.Shard {
	return must(client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &todo.Stream})).Shards
}

func middle(shard types.Shard) *string {
	low, _ := new(big.Int).SetString(*shard.HashKeyRange.StartingHashKey, 10)
	high, _ := new(big.Int).SetString(*shard.HashKeyRange.EndingHashKey, 10)
	half := new(big.Int).Rsh(low.Add(low, high), 1)
	return aws.String(half.Add(half, big.NewInt(1)).String())
}

func rows(records []types.Record) []row {
	found := []row{}
	for _, record := range records {
		found = append(found, row{*record.PartitionKey, string(record.Data), *record.SequenceNumber})
	}
	return found
}

func read(shard types.Shard) readShard {
	found := readShard{Id: *shard.ShardId, Parents: []string{}, Children: []string{}, Records: []row{}}
	for _, parent := range []*string{shard.ParentShardId, shard.AdjacentParentShardId} {
		if parent != nil {
			found.Parents = append(found.Parents, *parent)
		}
	}
	next := must(client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: &todo.Stream, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})).ShardIterator
	for next != nil {
		answer := must(client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: next}))
		found.Records = append(found.Records, rows(answer.Records)...)
		for _, child := range answer.ChildShards {
			found.Children = append(found.Children, *child.ShardId)
		}
		next = answer.NextShardIterator
		if len(answer.Records) == 0 && *answer.MillisBehindLatest == 0 {
			break
		}
	}
	return found
}

func subscribe(done *report) {
	told := must(client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &todo.Stream}))
	arn := told.StreamDescriptionSummary.StreamARN
	consumer := must(client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{
		StreamARN: arn, ConsumerName: &todo.Consumer,
	})).Consumer.ConsumerARN
	last := len(done.Shards) - 1
	for _, shard := range done.Shards[:last] {
		enough := len(shard.Records)
		if len(shard.Children) > 0 {
			enough = 1 << 30 // the stream of a closed shard ends by itself
		}
		done.Pushed[shard.Id] = take(open(consumer, shard.Id, types.ShardIteratorTypeTrimHorizon), enough)
	}
	events := open(consumer, done.Shards[last].Id, types.ShardIteratorTypeLatest)
	var hash *string
	for _, shard := range shards() {
		if *shard.ShardId == done.Shards[last].Id {
			hash = shard.HashKeyRange.StartingHashKey
		}
	}
	for _, text := range todo.Live {
		must(client.PutRecord(ctx, &kinesis.PutRecordInput{
			StreamName: &todo.Stream, PartitionKey: aws.String("live"), ExplicitHashKey: hash, Data: []byte(text),
		}))
	}
	for _, record := range take(events, len(todo.Live)) {
		done.Live = append(done.Live, record[1])
	}
}

func open(consumer *string, shard string, from types.ShardIteratorType) *kinesis.SubscribeToShardEventStream {
	return must(client.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN: consumer, ShardId: &shard, StartingPosition: &types.StartingPosition{Type: from},
	})).GetStream()
}

// take gives up to so many records.
func take(events *kinesis.SubscribeToShardEventStream, enough int) []row {
	defer events.Close()
	found := []row{}
	late := time.After(patience)
	for len(found) < enough {
		select {
		case event, more := <-events.Events():
			if !more {
				check(events.Err())
				return found
			}
			if some, is := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); is {
				found = append(found, rows(some.Value.Records)...)
			}
		case <-late:
			check(fmt.Errorf("a subscription brought %d of %d records", len(found), enough))
		}
	}
	return found
}
