/** @file The live model of one task: its items from the store, and every answer that counts now. */
import { resolve } from 'node:path';
import { type LiveAnswer, LiveModel, type LivePoint } from '@plaudit/reward';
import type { ItemTexts, Store } from '@plaudit/store';
import { rubricOf } from '../session.ts';
import { taskSettings } from '../task.ts';
import { type HeldOut, heldOutOf } from './held-out.ts';
import { preferencesOf } from './preferences.ts';

export interface WantedItem {
  readonly item: string;
  /** Indices of responses in the order of the record. */
  readonly pair: readonly [number, number];
  /** That the first of the pair is preferred. */
  readonly probability: number;
}

/** How far the live model of a task is. */
export interface LiveState {
  /** Answers that it has learned from. */
  readonly answers: number;
  /** Answers that say of no two responses which is better. */
  readonly withoutOrder: number;
  /** Items whose answers measure the model and teach it nothing. */
  readonly heldOut: number;
  /** Whether held-out prompts are near-duplicates of prompts that it learns from, since all of the task are much alike. */
  readonly alike: boolean;
  /** On held-out items that have answers. */
  readonly accuracy: {
    readonly items: number;
    readonly share: number;
    /** Wilson's, at 95 %. */
    readonly interval: readonly [number, number];
  } | null;
  readonly curve: readonly LivePoint[];
  /** Items without an answer of which the model is least certain, the least certain first. */
  readonly wanted: readonly WantedItem[];
}

/** Items of a task that a model covers, the first of its random order; the others are labelled all the same. */
const mostItems = 5000;
const mostWanted = 200;

const encoderSetting = taskSettings.pick({ encoder: true });

export class TaskModel {
  private readonly task: string;
  private readonly model: LiveModel;
  private readonly items: readonly Pick<ItemTexts, 'id' | 'purpose'>[];
  private readonly places: ReadonlyMap<string, number>;
  private readonly heldOut: HeldOut;
  /** Of the rubric's criteria. */
  private readonly weights: ReadonlyMap<string, number>;

  private constructor(
    task: string,
    items: readonly ItemTexts[],
    weights: ReadonlyMap<string, number>,
    heldOut: HeldOut,
    model: LiveModel,
  ) {
    this.task = task;
    this.heldOut = heldOut;
    this.model = model;
    this.items = items.map(({ id, purpose }) => ({ id, purpose }));
    this.places = new Map(items.map(({ id }, place) => [id, place]));
    this.weights = weights;
  }

  /** @param folder Of the store. @throws PlauditError store.unknown; model.*, engine.* where an encoder cannot be used */
  static async open(store: Store, id: string, folder: string): Promise<TaskModel> {
    const task = await store.labelling.task(id);
    const rubric = await rubricOf(store, task);
    const weights = new Map(rubric?.criteria.map(({ name, weight }) => [name, weight]));
    const { encoder } = encoderSetting.parse(task.settings);
    const items = await store.labelling.items(id, mostItems);
    const heldOut = heldOutOf(items);
    const described = items.map((item, i) => ({ ...item, heldOut: heldOut.items[i]! }));
    const model =
      encoder === undefined
        ? new LiveModel(described)
        : await LiveModel.encoded(described, resolve(folder, encoder));
    return new TaskModel(id, items, weights, heldOut, model);
  }

  /** Learns from what has been answered, and forgets what has been taken back. */
  async refresh(store: Store): Promise<LiveState> {
    const votes = await store.labelling.votes({ task: this.task });
    const judged = new Set(votes.map(({ item }) => item));
    const answers = votes.flatMap(({ item, vote }): LiveAnswer[] => {
      const place = this.places.get(item);
      return place === undefined ? [] : [{ item: place, pairs: preferencesOf(vote, this.weights) }];
    });
    const ordered = answers.filter(({ pairs }) => pairs.length > 0);
    this.model.update(ordered);
    return {
      answers: this.model.answers,
      withoutOrder: answers.length - ordered.length,
      heldOut: this.heldOut.items.filter(Boolean).length,
      alike: this.heldOut.alike,
      accuracy: this.model.accuracy(),
      curve: this.model.curve(),
      wanted: this.wanted(judged),
    };
  }

  /** The entropy of a preference falls with its distance from one half. What is held out or a random slice is not asked for. */
  private wanted(judged: ReadonlySet<string>): readonly WantedItem[] {
    return this.items
      .flatMap(({ id, purpose }, place): WantedItem[] => {
        if (purpose !== 'label' || this.heldOut.items[place] || judged.has(id)) return [];
        const found = this.model.leastCertain(place);
        return found ? [{ item: id, ...found }] : [];
      })
      .sort((a, b) => Math.abs(a.probability - 0.5) - Math.abs(b.probability - 0.5))
      .slice(0, mostWanted);
  }
}
