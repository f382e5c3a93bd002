package postgres

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"onedoor/internal/kernel/clock"
)

// setter puts one value as PostgreSQL sent it into the field it was made for; nil is NULL.
type setter func(raw []byte) error

// setterOf is the short way for what nearly every column is: text, numbers, truth
// values and instants in the binary format, without pgx's plan for each value (half
// the time of a scan). nil sends the column through pgx as before.
func setterOf(c pgconn.FieldDescription, field reflect.Value) setter {
	if c.Format != pgtype.BinaryFormatCode && !isText(c.DataTypeOID) {
		return nil
	}
	switch {
	case isText(c.DataTypeOID) && field.Kind() == reflect.String:
		return notNull(c, 0, func(raw []byte) { field.SetString(string(raw)) })
	case c.DataTypeOID == pgtype.BoolOID && field.Kind() == reflect.Bool:
		return notNull(c, 1, func(raw []byte) { field.SetBool(raw[0] != 0) })
	case c.DataTypeOID == pgtype.Int4OID && isInt(field.Kind()):
		return notNull(c, 4, func(raw []byte) { field.SetInt(int64(int32(binary.BigEndian.Uint32(raw)))) })
	case c.DataTypeOID == pgtype.Int8OID && (field.Kind() == reflect.Int || field.Kind() == reflect.Int64):
		return notNull(c, 8, func(raw []byte) { field.SetInt(int64(binary.BigEndian.Uint64(raw))) })
	case c.DataTypeOID == pgtype.TimestamptzOID:
		return instantSetter(c, field.Addr().Interface())
	}
	return nil
}

func instantSetter(c pgconn.FieldDescription, target any) setter {
	switch p := target.(type) {
	case *time.Time:
		return func(raw []byte) (err error) {
			if raw == nil {
				return errNull(c)
			}
			*p, err = instant(c, raw)
			return err
		}
	case **time.Time:
		return func(raw []byte) error {
			if raw == nil {
				*p = nil
				return nil
			}
			t, err := instant(c, raw)
			*p = &t
			return err
		}
	}
	return nil
}

// epoch is what PostgreSQL counts microseconds from, in seconds of Unix.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

func instant(c pgconn.FieldDescription, raw []byte) (time.Time, error) {
	if len(raw) != 8 {
		return time.Time{}, fmt.Errorf("column %s: %d bytes are no instant", c.Name, len(raw))
	}
	n := int64(binary.BigEndian.Uint64(raw))
	if n == math.MaxInt64 || n == math.MinInt64 {
		return time.Time{}, fmt.Errorf("column %s: infinity is no instant", c.Name)
	}
	// Seconds and the rest apart: the sum of both counts would overflow far from now.
	return time.Unix(epoch+n/1e6, n%1e6*1e3).In(clock.Shanghai), nil
}

func notNull(c pgconn.FieldDescription, size int, set func(raw []byte)) setter {
	return func(raw []byte) error {
		if raw == nil {
			return errNull(c)
		}
		if size > 0 && len(raw) != size {
			return fmt.Errorf("column %s: %d bytes, not %d", c.Name, len(raw), size)
		}
		set(raw)
		return nil
	}
}

func errNull(c pgconn.FieldDescription) error {
	return fmt.Errorf("column %s is NULL and its field cannot be", c.Name)
}

func isText(oid uint32) bool { return oid == pgtype.TextOID || oid == pgtype.VarcharOID }

func isInt(k reflect.Kind) bool {
	return k == reflect.Int || k == reflect.Int32 || k == reflect.Int64
}
