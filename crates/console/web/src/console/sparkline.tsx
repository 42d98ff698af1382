// A curve of shares (0–1), small: one point a message, a line where the threshold is.

export interface SparklineProps {
  values: readonly number[];
  threshold: number | undefined;
  /** What it shows, for who does not see it. */
  label: string;
}

const WIDTH = 260;
const HEIGHT = 56;
const EDGE = 5;

export function Sparkline({ values, threshold, label }: SparklineProps) {
  const x = (index: number) => EDGE + (index * (WIDTH - 2 * EDGE)) / Math.max(1, values.length - 1);
  const y = (share: number) => HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <line class="ground" x1={EDGE} x2={WIDTH - EDGE} y1={y(0)} y2={y(0)} />
      {threshold !== undefined && <line class="threshold" x1={EDGE} x2={WIDTH - EDGE} y1={y(threshold)} y2={y(threshold)} />}
      <polyline points={points.join(" ")} />
      {values.map((value, index) => (
        <circle key={index} cx={x(index)} cy={y(value)} r={index === values.length - 1 ? 4 : 2.5} data-high={threshold !== undefined && value >= threshold} />
      ))}
    </svg>
  );
}
