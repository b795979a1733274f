import { describe, expect, it } from 'vitest';
import { readContests } from './contests.ts';
import { temporaryFiles } from './testing.ts';
import { readWorkerLabels } from './worker-labels.ts';

const { file } = temporaryFiles();
const table = (...lines: string[]): Promise<string> => file(`${lines.join('\n')}\n`);

describe('tables of contests', () => {
  it('are counts of wins and ties between two names, with the other columns as context', async () => {
    const { contests, rejects, rows } = await readContests(
      await table(
        '"student","school1","school2","win1","win2","tied","win1.adj"',
        '7,"Paris","Milano",1,0,0,1',
        '7,"Paris","London",0,0,1,0.5',
        '7,"Milano","London",NA,NA,NA,NA',
        '8,"Paris","Paris",1,0,0,1',
        '8,"Paris","Milano",-1,0,0,1',
      ),
    );
    expect(contests).toEqual([
      {
        row: 1,
        first: 'Paris',
        second: 'Milano',
        firstWins: 1,
        secondWins: 0,
        ties: 0,
        context: { student: '7' },
      },
      {
        row: 2,
        first: 'Paris',
        second: 'London',
        firstWins: 0,
        secondWins: 0,
        ties: 1,
        context: { student: '7' },
      },
    ]);
    expect(rejects.map(({ row, field, reason }) => [row, field, reason])).toEqual([
      [3, 'win1', 'missing_label'],
      [4, 'school2', 'equal_responses'],
      [5, 'win1', 'label_out_of_range'],
    ]);
    expect(rows).toBe(5);
  });

  it.each([
    [
      'home.team,away.team,home.wins,away.wins',
      'A,B,4,3',
      { firstWins: 4, secondWins: 3, ties: 0, home: 'first' },
    ],
    ['season,home,away,result', '2008,A,B,-1', { firstWins: 0, secondWins: 1, ties: 0, home: 'first' }],
    ['season,home,away,result', '2008,A,B,0', { firstWins: 0, secondWins: 0, ties: 1, home: 'first' }],
    [
      'visitor,opponent,result,home.ice',
      'A,B,0.5,TRUE',
      { firstWins: 0, secondWins: 0, ties: 1, home: 'second' },
    ],
    ['visitor,opponent,result,home.ice', 'A,B,0,FALSE', { firstWins: 0, secondWins: 1, ties: 0 }],
    ['row,col,win,loss,tie', 'A,B,2,16,7', { firstWins: 2, secondWins: 16, ties: 7 }],
  ])('with the columns %s say who was at home and who won', async (header, row, expected) => {
    const { contests } = await readContests(await table(header, row));
    expect(contests).toMatchObject([{ first: 'A', second: 'B', ...expected }]);
    expect('home' in contests[0]!).toBe('home' in expected);
  });

  it('find a column that the first row lacks a value in, and refuse columns that are others', async () => {
    const { contests } = await readContests(
      await table('player1,player2,win1,win2,tie', 'A,B,,,', 'A,B,1,2,3'),
    );
    expect(contests).toMatchObject([{ firstWins: 1, secondWins: 2, ties: 3 }]);
    const other = readContests(await table('a,b', '1,2'));
    await expect(other).rejects.toMatchObject({ code: 'data.unknown_format' });
  });
});

describe('labels of workers', () => {
  it('are read by the names of a header, with the true labels where they are known', async () => {
    const { labels, gold, rejects, rows } = await readWorkerLabels({
      labels: await table('question,worker,answer', 'q1,w1,0', 'q1,w2,1', 'q2,w1,1', 'q2,,1', 'q2,w2'),
      gold: await table('question,truth', 'q1,0', 'q3,1'),
    });
    expect(labels).toEqual([
      { unit: 'q1', annotator: 'w1', value: '0', gold: '0' },
      { unit: 'q1', annotator: 'w2', value: '1', gold: '0' },
      { unit: 'q2', annotator: 'w1', value: '1' },
    ]);
    expect([...gold]).toEqual([
      ['q1', '0'],
      ['q3', '1'],
    ]);
    expect(rejects.map(({ row, reason }) => [row, reason])).toEqual([
      [4, 'missing_label'],
      [5, 'wrong_column_count'],
    ]);
    expect(rows).toBe(7);
  });

  it('are read without a header as worker, item and label', async () => {
    const { labels } = await readWorkerLabels({
      labels: await table('w1\thttp://a,b\tG', 'w2\thttp://a,b\tP'),
      gold: await table('http://a,b\tG'),
    });
    expect(labels).toEqual([
      { unit: 'http://a,b', annotator: 'w1', value: 'G', gold: 'G' },
      { unit: 'http://a,b', annotator: 'w2', value: 'P', gold: 'G' },
    ]);
  });

  it('refuse columns that are others, without showing what is in them', async () => {
    const reading = readWorkerLabels({ labels: await table('secret,7', 'secret,8') });
    await expect(reading).rejects.toMatchObject({ code: 'data.unknown_format' });
    await expect(reading).rejects.not.toThrow('secret');
  });
});
