// Asks the engine over HTTP as a program that uses clickhouse-go does, Grafana's data source among them, and prints
// what it found as JSON. Arguments: the engine's host and port, the file of questions.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

type question struct {
	SQL string `json:"sql"`
}

type questions struct {
	Queries []question `json:"queries"`
	Table   string     `json:"table"`
	Text    string     `json:"text"`
	Long    string     `json:"long"`
	Write   string     `json:"write"`
}

type answer struct {
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

type found struct {
	Databases []string   `json:"databases"`
	Tables    []string   `json:"tables"`
	Columns   [][]string `json:"columns"`
	Answers   []answer   `json:"answers"`
	Text      string     `json:"text"`
	Long      []uint64   `json:"long"`
	Refused   string     `json:"refused"`
}

var background = context.Background()

func main() {
	content, err := os.ReadFile(os.Args[2])
	check(err)
	var asked questions
	check(json.Unmarshal(content, &asked))
	connection, err := clickhouse.Open(&clickhouse.Options{
		Addr:        []string{os.Args[1]},
		Protocol:    clickhouse.HTTP,
		Auth:        clickhouse.Auth{Database: "default", Username: "go"},
		Compression: &clickhouse.Compression{Method: compression(os.Args[3])},
		Settings:    clickhouse.Settings{"max_execution_time": 30},
	})
	check(err)
	check(connection.Ping(background))
	result := found{
		Databases: firsts(connection, "SHOW DATABASES"),
		Tables:    firsts(connection, "SHOW TABLES"),
		Columns:   described(connection, asked.Table),
		Text:      sent(connection, asked.Text),
		Long:      streamed(connection, asked.Long),
		Refused:   refused(connection, asked.Write),
	}
	for _, one := range asked.Queries {
		result.Answers = append(result.Answers, answered(connection, one.SQL))
	}
	check(json.NewEncoder(os.Stdout).Encode(result))
}

func compression(name string) clickhouse.CompressionMethod {
	methods := map[string]clickhouse.CompressionMethod{
		"none": clickhouse.CompressionNone,
		"lz4":  clickhouse.CompressionLZ4,
		"zstd": clickhouse.CompressionZSTD,
		"gzip": clickhouse.CompressionGZIP,
		"br":   clickhouse.CompressionBrotli,
	}
	return methods[name]
}

func answered(connection driver.Conn, sql string) answer {
	rows, err := connection.Query(background, sql)
	check(err)
	defer rows.Close()
	result := answer{Columns: rows.Columns(), Rows: [][]any{}}
	types := rows.ColumnTypes()
	for rows.Next() {
		targets := make([]any, len(types))
		for at, one := range types {
			targets[at] = reflect.New(one.ScanType()).Interface()
		}
		check(rows.Scan(targets...))
		row := make([]any, len(types))
		for at, one := range types {
			row[at] = plain(reflect.ValueOf(targets[at]).Elem(), one.DatabaseTypeName())
		}
		result.Rows = append(result.Rows, row)
	}
	check(rows.Err())
	return result
}

// plain gives a value as it is declared: of a day its date, of a moment its second in UTC.
func plain(value reflect.Value, kind string) any {
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil
		}
		return plain(value.Elem(), kind)
	}
	if moment, is := value.Interface().(time.Time); is {
		if strings.Contains(kind, "DateTime") {
			return moment.UTC().Format("2006-01-02T15:04:05Z")
		}
		return moment.Format("2006-01-02")
	}
	if value.Kind() == reflect.Slice {
		list := make([]any, value.Len())
		for at := range list {
			list[at] = plain(value.Index(at), kind)
		}
		return list
	}
	return value.Interface()
}

func firsts(connection driver.Conn, sql string) []string {
	result := []string{}
	for _, row := range answered(connection, sql).Rows {
		result = append(result, fmt.Sprint(row[0]))
	}
	return result
}

func described(connection driver.Conn, table string) [][]string {
	result := [][]string{}
	for _, row := range answered(connection, "DESC TABLE \"default\".\""+table+"\"").Rows {
		result = append(result, []string{fmt.Sprint(row[0]), fmt.Sprint(row[1])})
	}
	return result
}

func sent(connection driver.Conn, text string) string {
	var back string
	check(connection.QueryRow(background, "SELECT {text:String}", clickhouse.Named("text", text)).Scan(&back))
	return back
}

func streamed(connection driver.Conn, sql string) []uint64 {
	rows, err := connection.Query(background, sql)
	check(err)
	defer rows.Close()
	var count, sum, number uint64
	for rows.Next() {
		check(rows.Scan(&number))
		count, sum = count+1, sum+number
	}
	check(rows.Err())
	return []uint64{count, sum}
}

func refused(connection driver.Conn, sql string) string {
	if err := connection.Exec(background, sql); err != nil {
		return err.Error()
	}
	return ""
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
