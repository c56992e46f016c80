<?php
// Stands in for PHP's gRPC extension and Composer's packages, none of which Debian has: unary calls by curl,
// which speaks HTTP/2. The stubs are in the folder where PHP runs, protobuf's runtime in Debian's own.

namespace Grpc {
    const STATUS_OK = 0;
    const STATUS_DEADLINE_EXCEEDED = 4;
    const CURL_OPERATION_TIMEDOUT = 28;

    class ChannelCredentials
    {
        private function __construct(public readonly array $files)
        {
        }

        public static function createSsl(string $roots, string $key, string $chain): self
        {
            $files = ['cacert' => $roots, 'key' => $key, 'cert' => $chain];
            foreach ($files as $option => $pem) {
                file_put_contents("channel.$option", $pem);
            }
            return new self(array_map(fn ($option) => "--$option channel.$option", array_keys($files)));
        }
    }

    class UnaryCall
    {
        public function __construct(private string $command, private string $answer)
        {
        }

        public function wait(): array
        {
            exec($this->command, $said, $code);
            $status = (object) ['code' => STATUS_DEADLINE_EXCEEDED, 'details' => '', 'metadata' => []];
            if ($code === CURL_OPERATION_TIMEDOUT) {
                return [null, $status];
            }
            if ($code !== 0) {
                throw new \RuntimeException("curl ended with $code: " . implode(' ', $said));
            }
            foreach (file('call.headers') as $line) { // trailers too
                if (preg_match('/^([a-z-]+): (.*?)\r?\n$/', $line, $found)) {
                    [, $name, $value] = $found;
                    $status->metadata[$name][] = str_ends_with($name, '-bin') ? base64_decode($value) : $value;
                }
            }
            $status->code = (int) $status->metadata['grpc-status'][0];
            if ($status->code !== STATUS_OK) {
                return [null, $status];
            }
            $answer = new $this->answer();
            $answer->mergeFromString(substr(file_get_contents('call.answer'), 5));
            return [$answer, $status];
        }
    }

    class BaseStub
    {
        public function __construct(private string $host, private array $options)
        {
        }

        protected function _simpleRequest($method, $argument, $deserialize, array $metadata, array $options)
        {
            $message = $argument->serializeToString();
            file_put_contents('call.request', "\0" . pack('N', strlen($message)) . $message);
            $headers = ['content-type: application/grpc', 'te: trailers'];
            foreach ($metadata as $name => $values) {
                foreach ($values as $value) {
                    $headers[] = "$name: $value";
                }
            }
            return new UnaryCall(implode(' ', [
                'curl --silent --show-error --http2 --tlsv1.3 --max-time', $options['timeout'] / 1e6,
                ...$this->options['credentials']->files,
                ...array_map(fn ($header) => '--header ' . escapeshellarg($header), $headers),
                '--data-binary @call.request --dump-header call.headers --output call.answer',
                escapeshellarg("https://{$this->host}$method"), '2>&1',
            ]), $deserialize[0]);
        }
    }
}

namespace {
    spl_autoload_register(function (string $class) {
        foreach (['stubs', '/usr/share/php'] as $folder) {
            $file = "$folder/" . strtr($class, '\\', '/') . '.php';
            if (is_file($file)) {
                require $file;
                return;
            }
        }
    });
}
