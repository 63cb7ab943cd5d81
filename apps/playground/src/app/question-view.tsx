import { type JSX, useState } from "react";
import { DrawingPad } from "./drawing-pad.js";
import type { Question } from "./run-record.js";

/** What the program asks the visitor for. */
export function QuestionView({
  question,
  onAnswer,
}: {
  readonly question: Question;
  readonly onAnswer: (value: unknown) => void;
}): JSX.Element {
  return question.type === "pad" ? (
    <DrawingPad key={question.id} size={question.size} onDraw={onAnswer} />
  ) : (
    <Ask key={question.id} {...question} onAnswer={onAnswer} />
  );
}

function Ask({
  question,
  suggestion,
  onAnswer,
}: {
  readonly question: string;
  readonly suggestion: string;
  readonly onAnswer: (value: string) => void;
}): JSX.Element {
  const [text, setText] = useState(suggestion);
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        onAnswer(text);
      }}
    >
      <label>
        <span>{question}</span>
        <textarea rows={6} value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      <button type="submit" className="primary">
        Go on
      </button>
    </form>
  );
}
